// SPDX-License-Identifier: GPL-2.0-or-later
// nfwitness: what the witness test runs in the nodes (docs/witness.md). Exit codes: 0, 2 usage, 3.
#include "tests/differential/guest/local.hpp"
#include "tests/differential/guest/nflog.hpp"
#include "tests/differential/guest/reflect.hpp"
#include "tests/differential/guest/wire.hpp"

#include <cstdio>
#include <string>

int main(int argc, char** argv) {
    using namespace nflab::witness;
    const std::string what = argc > 1 ? argv[1] : "";
    std::string error;
    if (what == "wire" && argc == 4)
        error = run_wire(argv[2], argv[3]);
    else if (what == "reflect" && argc > 2 && (argc - 2) % 4 == 0)
        error = run_reflect(argc - 2, argv + 2);
    else if (what == "nflog" && argc == 2)
        error = run_nflog();
    else if (what == "local" && argc == 2)
        error = run_local();
    else {
        std::fputs(
            "usage: nfwitness wire DEVICE MAC | reflect (DEVICE MAC DEVICE MAC)… | nflog | local\n",
            stderr);
        return 2;
    }
    if (error.empty())
        return 0;
    std::fprintf(stderr, "nfwitness: %s\n", error.c_str());
    return 3;
}
