// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/html_report.hpp"
#include "tests/browser/sample_report.hpp"
#include "tests/browser/webdriver.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace nflab;
using browser::Browser;
namespace fs = std::filesystem;
namespace key = browser::key;

namespace {

// A report of a failed, a good and a skipped cell on disk.
class Report {
  public:
    Report() : directory_(fs::temp_directory_path() / fmt::format("nflab-page-{}", ::getpid())) {
        report::HtmlReport report(directory_);
        report.cell({0, "", "", ""}, browser::rich_cell());
        report.cell({1, "", "", ""}, browser::good_cell());
        report.cell({2, "", "", ""}, browser::skipped_cell());
        report.run_ends();
    }
    ~Report() { fs::remove_all(directory_); }
    Report(const Report&) = delete;
    Report& operator=(const Report&) = delete;

    std::string url(const std::string& anchor = "") const {
        return "file://" + (directory_ / "index.html").string() + anchor;
    }

  private:
    fs::path directory_;
};

std::string text_of(Browser& chromium, const std::string& selector) {
    return chromium.evaluate(fmt::format(
        "const e = document.querySelector(`{}`); return e ? e.innerText : ''", selector));
}

std::string focused(Browser& chromium) {
    return chromium.evaluate("return document.activeElement.innerText");
}

int count_of(Browser& chromium, const std::string& selector) {
    return chromium.evaluate(
        fmt::format("return document.querySelectorAll(`{}`).length", selector));
}

// Beside the report of ctest, for those who want to look.
void keep(const std::string& name, const std::string& bytes) {
    const fs::path directory = fs::path(NFLAB_BINARY_DIR) / "screenshots";
    fs::create_directories(directory);
    std::ofstream(directory / name, std::ios::binary) << bytes;
}

} // namespace

TEST_CASE("the report in Chromium: what it shows, by itself, from disk") {
    const Report report;
    Browser chromium;
    chromium.open(report.url());
    CHECK(count_of(chromium, "table.cells tbody tr") == 3);
    CHECK(text_of(chromium, "h1") == "1 of 3 cells is not good");
    CHECK(text_of(chromium, "tr[data-cell=\"1\"] .note") == "at least one accept; seen: none");
    keep("overview.png", chromium.screenshot());

    SECTION("a cell with its topology, its packets, the path and the marked rules") {
        chromium.open(report.url("#c1"));
        CHECK(text_of(chromium, "article h1") == "sample on 6.12.1-cloud-amd64");
        CHECK(count_of(chromium, "svg.topology .node") == 3);
        CHECK(count_of(chromium, "svg.topology .wire") == 4);
        CHECK(count_of(chromium, ".packet") == 1);
        CHECK(text_of(chromium, ".packet .end") == "dropped at router, hook forward");
        CHECK(text_of(chromium, ".lane > header") == "router");
        CHECK(text_of(chromium, ".chain.decides").find("policy DROP") != std::string::npos);
        CHECK(text_of(chromium, ".why").find("FORWARD") != std::string::npos);
        // The deciding policy is marked where the scenario has it, and where the node lists it.
        CHECK(text_of(chromium, ".texts figure:nth-child(1) .marked") == ":FORWARD DROP [0:0]");
        CHECK(chromium.evaluate("return document.querySelector('.texts .marked').dataset.n") ==
              "31");
        CHECK(text_of(chromium, ".texts figure:nth-child(2) .marked") == ":FORWARD DROP [0:0]");
        CHECK(text_of(chromium, ".command code") == "nflab run sample.yaml --kernel 6.12");
        keep("cell-light.png", chromium.screenshot());
        // Another rule of the path is marked when it is chosen.
        chromium.evaluate("document.querySelector('.chain:not(.decides)').click()");
        CHECK(text_of(chromium, ".texts .marked").find("ip protocol icmp counter accept") !=
              std::string::npos);
        CHECK(chromium.evaluate("return document.querySelector('.texts .marked').dataset.n") ==
              "26");
        keep("rule-light.png", chromium.screenshot());
    }
    SECTION("the console is unpacked when it is opened, and nothing in it is markup") {
        chromium.open(report.url("#c1"));
        chromium.evaluate("document.querySelector('details.console').open = true");
        for (int i = 0; i < 100 && count_of(chromium, "details.console .code") == 0; ++i)
            ::usleep(50'000);
        CHECK(text_of(chromium, "details.console .code").find("<booted> é") != std::string::npos);
        CHECK(count_of(chromium, "article b") == 0);
    }
    SECTION("a packet has an address, and its path is open there") {
        chromium.open(report.url("#c2-s1-p2"));
        CHECK(text_of(chromium, "article h1") == "good on 6.12.1-cloud-amd64");
        CHECK(count_of(chromium, ".packet.open") == 1);
        CHECK(focused(chromium).find("#1 icmp echo") != std::string::npos);
    }
    SECTION("the keyboard reaches everything") {
        chromium.type("j");
        CHECK(focused(chromium) == "sample");
        chromium.type(key::down);
        CHECK(focused(chromium) == "good");
        chromium.type("k");
        chromium.type(key::enter);
        CHECK(text_of(chromium, "article h1") == "sample on 6.12.1-cloud-amd64");
        chromium.type("j");
        CHECK(focused(chromium).find("#1 icmp echo") != std::string::npos);
        chromium.type(key::enter);
        CHECK(count_of(chromium, ".packet.open") == 0);
        chromium.type("n");
        CHECK(text_of(chromium, "article h1") == "good on 6.12.1-cloud-amd64");
        chromium.type(key::escape);
        CHECK(count_of(chromium, "article") == 0);
        chromium.type("/");
        chromium.type("skip");
        CHECK(count_of(chromium, "table.cells tbody tr:not([hidden])") == 1);
        chromium.type(key::escape);
        CHECK(count_of(chromium, "table.cells tbody tr:not([hidden])") == 3);
        chromium.type("?");
        CHECK(chromium.evaluate("return document.getElementById('help').open") == true);
        chromium.type(key::escape);
        chromium.type("f");
        CHECK(text_of(chromium, "article h1") == "sample on 6.12.1-cloud-amd64");
        const int tabs = count_of(chromium, "article a, article button, article summary");
        CHECK(tabs > 5);
        // By Tab alone, too, and the focus can be seen.
        chromium.evaluate("document.querySelector('article h1').focus()");
        chromium.type(key::tab);
        CHECK(chromium.evaluate("return document.activeElement !== document.body && "
                                "getComputedStyle(document.activeElement).outlineStyle") ==
              "solid");
    }
    SECTION("dark, narrow, and on paper") {
        chromium.open(report.url("#c1"));
        const auto paper = [&] {
            return chromium.evaluate("return getComputedStyle(document.body).backgroundColor")
                .get<std::string>();
        };
        chromium.prefer("light");
        const std::string light = paper();
        chromium.prefer("dark");
        CHECK(paper() != light);
        keep("cell-dark.png", chromium.screenshot());
        chromium.resize(390, 844);
        // Only what scrolls by itself is wider than the window.
        CHECK(chromium.evaluate("return document.documentElement.scrollWidth") <= 390);
        keep("cell-narrow.png", chromium.screenshot());
        const std::string pdf = chromium.print();
        CHECK(pdf.starts_with("%PDF"));
        CHECK(pdf.size() > 10'000);
        keep("cell.pdf", pdf);
    }
    // Nothing is asked of the network, and the browser has nothing to complain about.
    for (const std::string& url : chromium.requests()) {
        INFO(url);
        // The browser's own pages are chrome:.
        const std::string scheme = url.substr(0, url.find(':'));
        CHECK((scheme == "file" || scheme == "data" || scheme == "blob" || scheme == "chrome"));
    }
    const auto complaints = chromium.console();
    INFO(complaints.dump(2));
    CHECK(complaints.empty());
}
