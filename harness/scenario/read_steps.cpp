// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/read_capture.hpp"
#include "harness/scenario/read_traffic.hpp"
#include "harness/scenario/reading.hpp"
#include "harness/scenario/ruleset_reader.hpp"

#include <fmt/format.h>

#include <chrono>

namespace nflab::scenario {

namespace {

/// How long something is waited for that does not say it itself.
constexpr std::chrono::seconds default_patience{10};

class StepReader {
  public:
    explicit StepReader(Reading& reading) : reading_(reading), problems_(reading.problems) {}

    Step read(const Value& value, std::size_t number) {
        const Fields fields(value, step_object, problems_);
        Step step;
        step.where = fields.where();
        step.name =
            fields.get("name") != nullptr ? fields.text("name") : fmt::format("step {}", number);
        step.kernels = read_kernels(reading_, fields);
        if (fields.get("restore") != nullptr) {
            step.restore = fields.text("restore");
            require_snapshot(reading_, {step.restore, fields.where("restore")}, step);
        }
        read_changes(fields, step);
        for (const auto& item : fields.items("capture"))
            step.capture.push_back(read_capture(reading_, item, step));
        step.wait = read_wait(fields, step);
        read_snapshot(fields, step);
        for (const auto& item : fields.items("send"))
            step.send.push_back(read_traffic(reading_, item));
        for (const auto& item : fields.items("during"))
            step.during.push_back(read_meanwhile(item, step));
        if (fields.has("during") && !fields.has("send"))
            problems_.add(fields.where("during"), "nothing is sent during which this could be done",
                          "add `send`, or write it under `apply` and `run`");
        read_expectations(reading_, fields, step);
        step.repeat = read_repeat(fields);
        step.until = fields.duration("until");
        if (fields.has("repeat") && fields.has("until"))
            problems_.add(fields.where("until"), "'repeat' and 'until' contradict each other",
                          "a step is done so many times, or until it holds");
        if (value.kind == Value::Kind::map && !fields.has_unknown() && does_nothing(fields))
            problems_.add(fields.where(), fmt::format("step '{}' does nothing", step.name),
                          "give it `apply`, `run`, `send` or `expect`");
        return step;
    }

  private:
    static bool does_nothing(const Fields& fields) {
        for (const auto* key : {"restore", "apply", "run", "wait", "snapshot", "send", "expect"})
            if (fields.has(key))
                return false;
        return true;
    }

    /// Of a step, or of what is done during one.
    template <typename Part>
    void read_changes(const Fields& fields, Part& part) {
        for (const auto& entry : fields.entries("apply"))
            read_rulesets(reading_, entry, part.apply);
        for (const auto& item : fields.items("run"))
            part.run.push_back(read_command(item));
    }

    Wait read_wait(const Fields& fields, const Step& step) {
        Wait wait;
        const Value* value = fields.get("wait");
        if (value == nullptr)
            return wait;
        if (value->kind != Value::Kind::map) {
            wait.time = fields.duration("wait").value_or(wait.time);
            return wait;
        }
        wait.condition = read_expectation(reading_, *value, step, true);
        wait.condition->until = wait.condition->until.value_or(default_patience);
        return wait;
    }

    Repeat read_repeat(const Fields& fields) {
        Repeat repeat;
        const Value* value = fields.get("repeat");
        if (value == nullptr)
            return repeat;
        if (value->kind != Value::Kind::map) {
            repeat.times = fields.integer("repeat").value_or(1);
            return repeat;
        }
        const Fields own(*value, repeat_object, problems_);
        repeat.times = own.integer("times").value_or(1);
        repeat.interval = own.duration("interval").value_or(repeat.interval);
        return repeat;
    }

    Meanwhile read_meanwhile(const Value& value, const Step& step) {
        const Fields fields(value, during_object, problems_);
        Meanwhile meanwhile;
        meanwhile.where = fields.where();
        read_changes(fields, meanwhile);
        meanwhile.wait = read_wait(fields, step);
        meanwhile.repeat = read_repeat(fields);
        if (value.kind == Value::Kind::map && !fields.has_unknown() && !fields.has("apply") &&
            !fields.has("run") && !fields.has("wait"))
            problems_.add(fields.where(), "nothing is done here",
                          "give it `apply`, `run` or `wait`");
        return meanwhile;
    }

    void read_snapshot(const Fields& fields, Step& step) {
        if (fields.get("snapshot") == nullptr)
            return;
        const Text name{fields.text("snapshot"), fields.where("snapshot")};
        if (!check_name(reading_, name, {"a snapshot"}))
            return;
        for (const auto& earlier : reading_.scenario.steps)
            if (earlier.snapshot == name.text)
                problems_.add(name.where,
                              fmt::format("snapshot '{}' is taken in step '{}' already", name.text,
                                          earlier.name),
                              "choose another name");
        step.snapshot = name.text;
    }

    RunCommand read_command(const Value& value) {
        const Fields fields(value, run_object, problems_);
        RunCommand command;
        command.where = fields.where();
        command.node = fields.text("on");
        if (fields.get("on") != nullptr)
            require_node(reading_, {command.node, fields.where("on")});
        command.command = fields.text("command");
        command.timeout = fields.duration("timeout").value_or(command.timeout);
        command.exit_code = fields.integer("exit").value_or(command.exit_code);
        return command;
    }

    Reading& reading_;
    Problems& problems_;
};

} // namespace

void read_steps(Reading& reading, const Fields& file) {
    StepReader reader(reading);
    for (const auto& item : file.items("steps"))
        reading.scenario.steps.push_back(reader.read(item, reading.scenario.steps.size() + 1));
}

} // namespace nflab::scenario
