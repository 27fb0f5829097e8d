// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace nflab::nfverdict {

/// Throws Error(lab), saying what would be right, when this kernel or this process cannot do it at
/// all: lockdown, missing capabilities.
void check_preconditions();

} // namespace nflab::nfverdict
