// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

/// The files of harness/report/html as they were when nflab was built.
namespace nflab::report {

extern const char* const page_template; ///< page.html, with @NAMES@ to be replaced
extern const char* const page_style;
extern const char* const page_script; ///< all of the .js files as one

} // namespace nflab::report
