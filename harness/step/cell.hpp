// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/image/boot_files.hpp"
#include "harness/lab/lab.hpp"
#include "harness/report/progress.hpp"
#include "harness/step/outcome.hpp"
