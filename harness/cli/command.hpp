// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace CLI {
class App;
}

/// One file per command. Each adds itself to the application; its callback does the work, throws
/// nflab::Error for what ends it, and may set exit_code (0 by default).
namespace nflab::cli {

struct Context {
    bool json = false; ///< --json: one document on standard output, nothing else there
    int exit_code = 0;
};

void add_console(CLI::App& app, Context& context);
void add_cp(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);
void add_down(CLI::App& app, Context& context);
void add_exec(CLI::App& app, Context& context);
void add_explain(CLI::App& app, Context& context);
void add_fmt(CLI::App& app, Context& context);
void add_hooks(CLI::App& app, Context& context);
void add_image(CLI::App& app, Context& context);
void add_kernels(CLI::App& app, Context& context);
void add_lab_supervisor(CLI::App& app,
                        Context& context); ///< hidden: what a lab's first process runs
void add_mutants(CLI::App& app, Context& context);
void add_new(CLI::App& app, Context& context);
void add_run(CLI::App& app, Context& context);
void add_shell(CLI::App& app, Context& context);
void add_status(CLI::App& app, Context& context);
void add_tables(CLI::App& app, Context& context);
void add_trace(CLI::App& app, Context& context);
void add_up(CLI::App& app, Context& context);
void add_validate(CLI::App& app, Context& context);
void add_why(CLI::App& app, Context& context);
void add_bench(CLI::App& app, Context& context);

} // namespace nflab::cli
