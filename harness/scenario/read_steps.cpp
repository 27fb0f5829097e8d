// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/read_capture.hpp"
#include "harness/scenario/read_traffic.hpp"
#include "harness/scenario/reading.hpp"
#include "harness/scenario/ruleset_reader.hpp"

#include <fmt/format.h>

namespace nflab::scenario {

namespace {

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
        for (const auto& entry : fields.entries("apply"))
            read_rulesets(reading_, entry, step);
        for (const auto& item : fields.items("capture"))
            step.capture.push_back(read_capture(reading_, item, step));
        for (const auto& item : fields.items("run"))
            step.run.push_back(read_command(item));
        for (const auto& item : fields.items("send"))
            step.send.push_back(read_traffic(reading_, item));
        read_expectations(reading_, fields, step);
        if (value.kind == Value::Kind::map && !fields.has_unknown() && !fields.has("apply") &&
            !fields.has("run") && !fields.has("send") && !fields.has("expect"))
            problems_.add(fields.where(), fmt::format("step '{}' does nothing", step.name),
                          "give it `apply`, `run`, `send` or `expect`");
        return step;
    }

  private:
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
