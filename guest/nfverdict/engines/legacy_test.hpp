// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/engines/self_test.hpp"
#include "guest/nfverdict/legacy/legacy.hpp"

namespace nflab::nfverdict {

/// The self-test of a legacy engine in the private namespace, with whichever of its tables is
/// loaded: loading one would show in the observed namespaces of older kernels. arptables is tried
/// with the questions of a virtual Ethernet device, ebtables with frames on a bridge; both devices
/// are gone afterwards. Only events of this method count.
TestResult test_legacy(const Netns& netns, Intake& intake, Legacy engine, nfv_method wanted);

} // namespace nflab::nfverdict
