// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/matrix/run_cells.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace nflab::matrix {
namespace {

using Status = step::CellOutcome::Status;
using News = std::function<void()>;

// From the threads that run cells to the one that tells of them.
class Mailbox {
  public:
    void post(News news) {
        const std::lock_guard lock(mutex_);
        news_.push_back(std::move(news));
        arrived_.notify_one();
    }

    News take() {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return !news_.empty(); });
        News news = std::move(news_.front());
        news_.pop_front();
        return news;
    }

  private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<News> news_;
};

class CellProgress : public Progress {
  public:
    CellProgress(Mailbox& mailbox, const Audience& audience, std::size_t cell)
        : mailbox_(mailbox), audience_(audience), cell_(cell) {}

    void phase(const std::string& what) override {
        if (audience_.phase)
            mailbox_.post(
                [&audience = audience_, cell = cell_, what] { audience.phase(cell, what); });
    }
    void notice(const std::string& message) override {
        if (audience_.notice)
            mailbox_.post([&audience = audience_, message] { audience.notice(message); });
    }

  private:
    Mailbox& mailbox_;
    const Audience& audience_;
    std::size_t cell_;
};

class Run {
  public:
    Run(const std::vector<CellOrder>& orders, const Audience& audience)
        : orders_(orders), audience_(audience), results_(orders.size()), waiting_(orders.size()),
          ended_(orders.size()) {}

    std::vector<CellResult> all(unsigned jobs) {
        std::vector<std::thread> threads;
        const std::size_t count = std::min<std::size_t>(std::max(jobs, 1U), orders_.size());
        threads.reserve(count);
        for (std::size_t i = 0; i < count; ++i)
            threads.emplace_back([this] { work(); });
        std::exception_ptr failure;
        while (told_ < orders_.size() && !(failure && running_ == 0)) {
            const News news = mailbox_.take();
            try {
                news();
            } catch (...) {
                failure = std::current_exception();
                stop();
            }
        }
        for (std::thread& thread : threads)
            thread.join();
        if (failure)
            std::rethrow_exception(failure);
        return std::move(results_);
    }

  private:
    // On a thread of its own.
    void work() {
        while (true) {
            std::size_t cell = 0;
            {
                const std::lock_guard lock(mutex_);
                if (next_ == orders_.size())
                    return;
                cell = next_++;
                ++running_;
            }
            CellResult result = run(cell);
            mailbox_.post([this, cell, result = std::move(result)]() mutable {
                --running_;
                results_[cell] = std::move(result);
                ended_[cell] = true;
                tell_in_order();
            });
        }
    }

    void stop() {
        const std::lock_guard lock(mutex_);
        next_ = orders_.size();
    }

    CellResult run(std::size_t cell) {
        const CellOrder& order = orders_[cell];
        step::CellOptions options = order.options;
        if (options.lab.empty() && orders_.size() > 1)
            options.lab = fmt::format("{}-{}-{}", order.scenario->name, ::getpid(), cell + 1);
        options.on_step = [this, cell](const step::StepOutcome& step, std::size_t number) {
            mailbox_.post([this, cell, step, number] {
                waiting_[cell].push_back([this, cell, step, number] {
                    if (audience_.step)
                        audience_.step(cell, step, number);
                });
                tell_in_order();
            });
        };
        CellProgress progress(mailbox_, audience_, cell);
        CellResult result;
        try {
            result.outcome = step::run_cell(*order.scenario, options, progress).outcome;
        } catch (const Error& error) {
            result.outcome = unfinished(order, error.what(), error.hint());
            result.refused = error;
        } catch (const std::exception& error) {
            result.outcome = unfinished(
                order, error.what(), "this is not an error that nflab foresaw: please report it");
        }
        return result;
    }

    static step::CellOutcome unfinished(const CellOrder& order, const std::string& reason,
                                        const std::string& hint) {
        step::CellOutcome outcome;
        outcome.status = Status::error;
        outcome.reason = reason;
        outcome.hint = hint;
        outcome.scenario_name = order.scenario->full_name();
        outcome.scenario_file = order.scenario->file;
        outcome.kernel_name = order.options.kernel;
        return outcome;
    }

    void tell_in_order() {
        while (told_ < orders_.size()) {
            for (const News& news : std::exchange(waiting_[told_], {}))
                news();
            if (!ended_[told_])
                return;
            const std::size_t cell = told_++;
            if (audience_.end)
                audience_.end(cell, results_[cell]);
        }
    }

    const std::vector<CellOrder>& orders_;
    const Audience& audience_;
    Mailbox mailbox_;
    std::mutex mutex_;     ///< next_ and running_'s growth
    std::size_t next_ = 0; ///< the first cell that nobody has taken
    std::atomic<std::size_t> running_ = 0;
    // Of the telling thread:
    std::vector<CellResult> results_;
    std::vector<std::vector<News>> waiting_; ///< steps of cells whose turn has not come
    std::vector<bool> ended_;
    std::size_t told_ = 0;
};

} // namespace

std::vector<CellResult> run_cells(const std::vector<CellOrder>& orders, unsigned jobs,
                                  const Audience& audience) {
    return Run(orders, audience).all(jobs);
}

int exit_code(const std::vector<CellResult>& results) {
    bool lab = false;
    bool refused = false;
    bool failed = false;
    for (const CellResult& result : results) {
        lab |= result.outcome.status == Status::error && !result.refused;
        refused |= result.refused.has_value();
        failed |= result.outcome.status == Status::failed;
    }
    if (lab)
        return static_cast<int>(Failure::lab);
    if (refused)
        return static_cast<int>(Failure::bad_input);
    return failed ? static_cast<int>(Failure::check) : 0;
}

} // namespace nflab::matrix
