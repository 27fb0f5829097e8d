// SPDX-License-Identifier: GPL-2.0-or-later
// Labs from start to end, with real guests: what comes up, and that nothing stays.
#include "harness/base/error.hpp"
#include "harness/lab/registry.hpp"
#include "harness/process/command.hpp"
#include "tests/catch.hpp"
#include "tests/lab/lab_fixture.hpp"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>

using namespace nflab;
using namespace nflab::test;
using lab::Starting;
using std::chrono::milliseconds;
namespace fs = std::filesystem;

namespace {

Starting start(const plan::Plan& plan) {
    return Starting::start(plan, {}, program());
}

// A command that starts a lab and dies before it releases it. Writes a byte when the lab is up.
struct Starter {
    pid_t pid = 0;
    int up = -1;

    explicit Starter(const plan::Plan& plan) {
        // Orphans come to us, so that their end can be seen and no zombie is left by the test.
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
        std::array<int, 2> pipe{};
        REQUIRE(::pipe(pipe.data()) == 0);
        pid = ::fork();
        if (pid == 0) {
            try {
                const Starting lab = start(plan);
                [[maybe_unused]] const ssize_t told = ::write(pipe[1], "u", 1);
                while (true)
                    ::pause();
            } catch (...) {
            }
            ::_exit(1);
        }
        ::close(pipe[1]);
        up = pipe[0];
    }
    ~Starter() {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        ::close(up);
    }
    Starter(const Starter&) = delete;
    Starter& operator=(const Starter&) = delete;

    bool wait_up() const {
        char byte = 0;
        return ::read(up, &byte, 1) == 1;
    }
};

std::string start_error(const plan::Plan& plan) {
    try {
        const Starting lab = start(plan);
    } catch (const Error& error) {
        return error.what();
    }
    return "it came up";
}

std::string state(lab::Session& session, const std::string& node) {
    for (const lab::NodeStatus& each : session.status().nodes)
        if (each.name == node)
            return each.state;
    return "absent";
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("two guests and two netns nodes come up, reach each other, and leave nothing") {
    const std::string name = fresh_name("four");
    Shape shape;
    shape.second = true;
    const auto begin = std::chrono::steady_clock::now();
    Starting lab = start(make_plan(name, shape));
    const auto took =
        std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
    lab.release();
    const Footprint before = footprint(lab.supervisor());
    CHECK(lab_processes(before, "qemu-system").size() == 2);
    CHECK(before.namespaces.size() >= 9); // net, mnt, pid of the lab and of two nodes
    {
        lab::Session session = lab::Session::connect(name);
        CHECK(reaches(session, "client", "10.53.134.11"));
        CHECK(reaches(session, "gate", "192.168.4.110"));
        CHECK(reaches(session, "server", "10.53.134.2"));
        CHECK(shell(session, "router", "uname -n").out == "router\n");
        CHECK(shell(session, "client", "getent hosts server").out.rfind("10.53.134.11", 0) == 0);
        CHECK(shell(session, "router", "exit 7").status.code == 7);
        CHECK(shell(session, "client", "kill -TERM $$").status.signal == SIGTERM);
        for (const lab::NodeStatus& node : session.status().nodes) {
            INFO(node.name << " " << node.memory_kib << " KiB");
            CHECK(node.state == "ready");
            CHECK(node.memory_kib <= 260 * 1024);
            CHECK((node.memory_kib > 0) == (node.kind == scenario::NodeKind::vm));
        }
    }
    const auto down_begin = std::chrono::steady_clock::now();
    lab::end(name);
    const auto down =
        std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - down_begin);
    std::printf("two guests ready in %lld ms, down in %lld ms\n",
                static_cast<long long>(took.count()), static_cast<long long>(down.count()));
    CHECK(down < milliseconds(500));
    CHECK(remains_soon(before, name) == std::vector<std::string>{});
}

TEST_CASE("a lab dies with the command that starts it") {
    const std::string name = fresh_name("starter");
    Footprint before;
    {
        const Starter starter(make_plan(name));
        REQUIRE(starter.wait_up());
        before = footprint(lab::find(name).supervisor);
        CHECK(lab_processes(before, "qemu-system").size() == 1);
    }
    CHECK(remains_soon(before, name) == std::vector<std::string>{});
}

TEST_CASE("a start that is killed at any moment leaves nothing") {
    for (const int after : {0, 5, 20, 60, 150, 400, 900}) {
        const std::string name = fresh_name("moment");
        {
            const Starter starter(make_plan(name));
            ::usleep(static_cast<useconds_t>(after) * 1000);
        }
        INFO("killed after " << after << " ms");
        CHECK(remains_soon({}, name) == std::vector<std::string>{});
    }
}

TEST_CASE("a released lab outlives its starter, and dies with its supervisor or its daemon") {
    for (const bool daemon : {false, true}) {
        const std::string name = fresh_name("killed");
        Starting lab = start(make_plan(name));
        lab.release();
        const Footprint before = footprint(lab.supervisor());
        const std::vector<pid_t> pair = lab_processes(before, "lab-supervisor");
        REQUIRE(pair.size() == 2);
        const pid_t victim = daemon ? std::max(pair[0], pair[1]) : lab.supervisor();
        REQUIRE((victim != lab.supervisor()) == daemon);
        ::kill(victim, SIGKILL);
        CHECK(remains_soon(before, name) == std::vector<std::string>{});
    }
}

TEST_CASE("two labs with the same addresses run side by side, and a name is taken once") {
    const std::string first = fresh_name("twin");
    const std::string second = fresh_name("twin");
    const Starting one = start(make_plan(first));
    const Starting other = start(make_plan(second));
    CHECK(contains(start_error(make_plan(first)), "is up already"));
    for (const std::string& name : {first, second}) {
        lab::Session session = lab::Session::connect(name);
        CHECK(reaches(session, "client", "10.53.134.11"));
        shell(session, "router", "echo " + name + " > /tmp/name");
    }
    lab::Session session = lab::Session::connect(second);
    CHECK(shell(session, "router", "cat /tmp/name").out == second + "\n");
}

TEST_CASE("a panic in a running lab is told as a panic, to whoever waits as well") {
    const std::string name = fresh_name("panic");
    const Starting lab = start(make_plan(name));
    lab::Session session = lab::Session::connect(name);
    std::string message;
    try {
        shell(session, "router", "echo c > /proc/sysrq-trigger; sleep 10");
    } catch (const Error& error) {
        message = error.what();
    }
    CHECK(contains(message, "the kernel of node router panicked"));
    CHECK(contains(message, "sysrq triggered crash"));
    CHECK(state(session, "router") == "lost");
    CHECK(state(session, "client") == "ready");
    CHECK_THROWS_AS(shell(session, "router", "true"), Error);
    CHECK(shell(session, "client", "true").status.ok());
}

TEST_CASE("a guest that ends by itself is no panic") {
    const std::string name = fresh_name("exit");
    const Starting lab = start(make_plan(name));
    lab::Session session = lab::Session::connect(name);
    std::string message;
    try {
        shell(session, "router", "reboot -f || echo b > /proc/sysrq-trigger; sleep 10");
    } catch (const Error& error) {
        message = error.what();
    }
    CHECK(contains(message, "ended by itself"));
}

TEST_CASE("guests that do not come up: panic and hang are told apart") {
    plan::Plan plan = make_plan(fresh_name("boot"));
    plan.boot.command_line += " rdinit=/nothing";
    const std::string panicked = start_error(plan);
    CHECK(contains(panicked, "the kernel of node router panicked"));
    CHECK(contains(panicked, "\n  | "));

    plan = make_plan(fresh_name("boot"));
    plan.deadlines.boot = milliseconds(300);
    CHECK(contains(start_error(plan), "hangs: no agent answered within 0.3 s"));
}

TEST_CASE("an agent that does not answer is silent, and ready again when it does") {
    const std::string name = fresh_name("silent");
    Shape shape;
    shape.router_is_vm = false;
    plan::Plan plan = make_plan(name, shape);
    plan.deadlines.silence = milliseconds(600);
    const Starting lab = start(plan);
    lab::Session session = lab::Session::connect(name);
    const std::vector<pid_t> agents = lab_processes(footprint(lab.supervisor()), "nflab-agent");
    REQUIRE(agents.size() == 3);
    for (const pid_t agent : agents)
        ::kill(agent, SIGSTOP);
    CHECK(eventually([&] { return state(session, "client") == "silent"; }, milliseconds(5000)));
    CHECK_THROWS_AS(shell(session, "client", "true"), Error);
    for (const pid_t agent : agents)
        ::kill(agent, SIGCONT);
    CHECK(eventually([&] { return state(session, "client") == "ready"; }, milliseconds(5000)));
    CHECK(shell(session, "client", "true").status.ok());
}

TEST_CASE("what a closed session started is ended in the node") {
    const std::string name = fresh_name("close");
    Shape shape;
    shape.router_is_vm = false;
    const Starting lab = start(make_plan(name, shape));
    lab::Session watching = lab::Session::connect(name);
    {
        lab::Session session = lab::Session::connect(name);
        channel::RunRequest request;
        request.argv = {"sleep", "1000"};
        session.start("client", request, {});
        CHECK(eventually([&] { return shell(watching, "client", "pgrep -x sleep").status.ok(); },
                         milliseconds(3000)));
    }
    CHECK(eventually([&] { return shell(watching, "client", "pgrep -x sleep").status.code == 1; },
                     milliseconds(3000)));
}

TEST_CASE("files travel both ways unchanged") {
    const std::string name = fresh_name("files");
    const Starting lab = start(make_plan(name));
    lab::Session session = lab::Session::connect(name);
    std::string pattern = (fs::temp_directory_path() / "nflab-test-XXXXXX").string();
    const fs::path place = ::mkdtemp(pattern.data());
    std::string bytes;
    for (std::uint32_t i = 0, state = 1; i < 3'000'001; ++i) {
        state = state * 1664525 + 1013904223; // any sequence in which no block repeats
        bytes += static_cast<char>(state >> 24);
    }
    std::ofstream(place / "there", std::ios::binary) << bytes;
    session.put_file("router", place / "there", "/tmp/there", 0640);
    session.get_file("router", "/tmp/there", place / "back");
    std::ifstream back(place / "back", std::ios::binary);
    CHECK(std::string(std::istreambuf_iterator<char>(back), {}) == bytes);
    CHECK(shell(session, "router", "stat -c %a /tmp/there").out == "640\n");
    CHECK_THROWS_AS(session.get_file("router", "/no/such/file", place / "none"), Error);
    CHECK_FALSE(fs::exists(place / "none"));
    CHECK_THROWS_AS(session.put_file("client", place / "there", "/no/such/place", 0600), Error);
    fs::remove_all(place);
}

TEST_CASE("a program that does not read its input holds up nobody else") {
    const std::string name = fresh_name("input");
    Shape shape;
    shape.router_is_vm = false;
    plan::Plan plan = make_plan(name, shape);
    plan.deadlines.silence = milliseconds(1500);
    const Starting lab = start(plan);
    lab::Session session = lab::Session::connect(name);
    channel::RunRequest request;
    request.argv = {"sh", "-c", "echo waits; while [ ! -e /tmp/go ]; do sleep 0.1; done; md5sum"};
    request.input = true;
    std::string out;
    std::optional<channel::ExitStatus> end;
    const lab::StreamId waiting =
        session.start("client", request,
                      {[&](std::string_view bytes) { out += bytes; },
                       {},
                       [&](const channel::ExitStatus& status) { end = status; }});
    session.send_input(waiting, std::string(10'000'000, 'x'));
    session.end_input(waiting);
    // Longer than the node may be silent.
    CHECK_FALSE(session.wait([&] { return end.has_value(); }, milliseconds(3000)));
    CHECK(session.input_backlog(waiting) > 8'000'000);
    CHECK(state(session, "client") == "ready");
    CHECK(shell(session, "client", "echo meanwhile").out == "meanwhile\n");
    CHECK(shell(session, "client", "touch /tmp/go").status.ok());
    REQUIRE(session.wait([&] { return end.has_value(); }, milliseconds(10'000)));
    CHECK(end->ok());
    CHECK(session.input_backlog(waiting) == 0);
    const std::string sum =
        output_of({{"sh", "-c", "head -c 10000000 /dev/zero | tr '\\0' x | md5sum"}});
    CHECK(out == "waits\n" + sum);

    // The command, too; and it does not collect what it cannot pass on.
    const std::string line =
        program().string() + " exec " + name + " client -- sh -c 'sleep 3; md5sum'";
    const CommandResult command =
        run({{"bash", "-c",
              "set -o pipefail; ulimit -v 400000; head -c 200000000 /dev/zero | tr '\\0' x | " +
                  line}});
    INFO(command.err);
    CHECK(command.ok());
    CHECK(command.out ==
          output_of({{"sh", "-c", "head -c 200000000 /dev/zero | tr '\\0' x | md5sum"}}));
}

TEST_CASE("a netns node cannot reach the host's kernel beyond its network") {
    const std::string name = fresh_name("guard");
    Shape shape;
    shape.router_is_vm = false;
    const Starting lab = start(make_plan(name, shape));
    lab::Session session = lab::Session::connect(name);
    for (const char* line : {"echo 5 > /proc/sys/kernel/panic", "echo c > /proc/sysrq-trigger",
                             "mkdir /sys/fs/cgroup/x", "date -s '2001-01-01'"}) {
        INFO(line);
        CHECK_FALSE(shell(session, "client", line).status.ok());
    }
    CHECK(shell(session, "client", "echo 1 > /proc/sys/net/ipv4/ip_forward").status.ok());
    CHECK(shell(session, "client", "touch /etc/x /run/x /tmp/x /var/tmp/x").status.ok());
    CHECK(shell(session, "client", "nft add table ip t && nft list ruleset").out ==
          "table ip t {\n}\n");
}

TEST_CASE("an ordinary user has labs, too") {
    if (::geteuid() != 0) {
        SUCCEED("every lab of this run is one");
        return;
    }
    // A hardened kernel or a chroot may refuse it to everybody but root; doctor has the remedy.
    if (!run({{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "unshare", "--user",
               "true"}})
             .ok()) {
        WARN("ordinary users have no user namespaces here: not tested");
        return;
    }
    // The user must be able to read what root's cache holds.
    std::string pattern = (fs::temp_directory_path() / "nflab-test-XXXXXX").string();
    const fs::path place = ::mkdtemp(pattern.data());
    const std::string name = fresh_name("rootless");
    plan::Plan plan = make_plan(name);
    const auto borrow = [&](std::string& path, const char* file) {
        fs::copy(path, place / file, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
        path = (place / file).string();
    };
    borrow(plan.boot.kernel, "kernel");
    borrow(plan.boot.initrd, "initrd");
    borrow(plan.boot.root_image, "root");
    borrow(plan.boot.modules_image, "modules");
    borrow(plan.boot.root_tree, "tree");
    borrow(plan.boot.agent, "nflab-agent");
    std::string nflab = program().string();
    borrow(nflab, "nflab");
    constexpr uid_t nobody = 65534;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(place))
        REQUIRE(::lchown(entry.path().c_str(), nobody, nobody) == 0);
    REQUIRE(::lchown(place.c_str(), nobody, nobody) == 0);

    const pid_t child = ::fork();
    if (child == 0) {
        ::setenv("XDG_CACHE_HOME", (place / "cache").c_str(), 1);
        if (::setgroups(0, nullptr) != 0 || ::setgid(nobody) != 0 || ::setuid(nobody) != 0)
            ::_exit(2);
        // As after login: setuid() alone leaves /proc/self to root.
        ::prctl(PR_SET_DUMPABLE, 1);
        try {
            const Starting lab = Starting::start(plan, {}, nflab);
            lab::Session session = lab::Session::connect(name);
            const bool good = reaches(session, "client", "10.53.134.11") &&
                              shell(session, "client", "touch /etc/x").status.ok();
            ::_exit(good ? 0 : 3);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "rootless: %s\n", error.what());
            ::_exit(4);
        }
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    fs::remove_all(place);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(remains_soon({}, name) == std::vector<std::string>{});
}
