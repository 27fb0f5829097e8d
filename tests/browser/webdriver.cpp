// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/browser/webdriver.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/process.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <stdexcept>
#include <vector>

namespace nflab::browser {
namespace {

namespace fs = std::filesystem;
namespace http = boost::beast::http;
namespace process = boost::process;
using nlohmann::json;
using Tcp = boost::asio::ip::tcp;

// On a machine that runs guests at the same time a browser's start takes its time.
constexpr std::chrono::seconds patience{90};

std::string from_base64(const std::string& text) {
    std::string out(text.size() / 4 * 3, '\0');
    EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                    reinterpret_cast<const unsigned char*>(text.data()),
                    static_cast<int>(text.size()));
    // It counts the padding as bytes.
    const std::size_t last = text.find_last_not_of('=');
    out.resize(out.size() - (text.size() - 1 - last));
    return out;
}

} // namespace

struct Browser::Driver {
    Driver()
        : profile((fs::temp_directory_path() / "nflab-browser-XXXXXX").string()),
          directory(::mkdtemp(profile.data())) {
        process::environment environment = boost::this_process::environment();
        environment["HOME"] = directory;
        child = process::child(process::search_path("chromedriver"), "--port=0", environment,
                               process::std_out > out, process::std_err > process::null,
                               process::std_in < process::null, group);
        const std::string mark = "on port ";
        std::string line;
        while (port.empty() && std::getline(out, line))
            if (const auto at = line.rfind(mark);
                line.find("started successfully") != std::string::npos && at != std::string::npos)
                port = std::to_string(std::stoi(line.substr(at + mark.size())));
        if (port.empty())
            throw std::runtime_error("chromedriver did not start");
    }
    ~Driver() {
        std::error_code error;
        group.terminate(error);
        child.wait(error);
        fs::remove_all(directory, error);
    }
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;

    std::string profile;
    std::string directory;
    process::group group;
    process::ipstream out;
    process::child child;
    std::string port;
};

Browser::Browser() : driver_(std::make_unique<Driver>()) {
    const json chrome = {
        {"args",
         {"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
          "--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir=" + driver_->directory}}};
    const json capabilities = {
        {"browserName", "chrome"},
        {"goog:chromeOptions", chrome},
        {"goog:loggingPrefs", {{"browser", "WARNING"}, {"performance", "ALL"}}}};
    const json answer =
        call("POST", "/session", {{"capabilities", {{"alwaysMatch", capabilities}}}});
    session_ = answer.at("sessionId");
    resize(1280, 900);
}

Browser::~Browser() {
    try {
        if (!session_.empty())
            session("DELETE", "");
    } catch (const std::exception&) { // the driver's group is ended anyway
    }
}

json Browser::call(const std::string& method, const std::string& path, const json& body) {
    boost::asio::io_context io;
    boost::beast::tcp_stream stream(io);
    stream.expires_after(patience);
    stream.connect(Tcp::resolver(io).resolve("127.0.0.1", driver_->port));
    http::request<http::string_body> request;
    request.method_string(method);
    request.target(path);
    request.version(11);
    request.set(http::field::host, "localhost");
    request.set(http::field::content_type, "application/json");
    if (method == "POST")
        request.body() = body.is_null() ? "{}" : body.dump();
    request.prepare_payload();
    http::write(stream, request);
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(256U * 1024 * 1024);
    http::read(stream, buffer, parser);
    const json value = json::parse(parser.get().body()).at("value");
    if (parser.get().result() != http::status::ok)
        throw std::runtime_error(fmt::format("{} {}: {}", method, path,
                                             value.value("message", std::string("no message"))));
    return value;
}

json Browser::session(const std::string& method, const std::string& path, const json& body) {
    return call(method, "/session/" + session_ + path, body);
}

void Browser::open(const std::string& url) {
    session("POST", "/url", {{"url", url}});
}

json Browser::evaluate(const std::string& script) {
    return session("POST", "/execute/sync", {{"script", script}, {"args", json::array()}});
}

void Browser::type(const std::string& keys) {
    json actions = json::array();
    for (std::size_t i = 0; i < keys.size();) {
        std::size_t end = i + 1;
        while (end < keys.size() && (static_cast<unsigned char>(keys[end]) & 0xc0) == 0x80)
            ++end;
        const std::string character = keys.substr(i, end - i);
        actions.push_back({{"type", "keyDown"}, {"value", character}});
        actions.push_back({{"type", "keyUp"}, {"value", character}});
        i = end;
    }
    session("POST", "/actions",
            {{"actions", {{{"type", "key"}, {"id", "keyboard"}, {"actions", actions}}}}});
}

void Browser::resize(int width, int height) {
    session(
        "POST", "/goog/cdp/execute",
        {{"cmd", "Emulation.setDeviceMetricsOverride"},
         {"params",
          {{"width", width}, {"height", height}, {"deviceScaleFactor", 1}, {"mobile", false}}}});
}

void Browser::prefer(const std::string& scheme) {
    session("POST", "/goog/cdp/execute",
            {{"cmd", "Emulation.setEmulatedMedia"},
             {"params", {{"features", {{{"name", "prefers-color-scheme"}, {"value", scheme}}}}}}});
}

std::string Browser::screenshot() {
    return from_base64(session("GET", "/screenshot"));
}

std::string Browser::print() {
    return from_base64(session("POST", "/print", {{"background", true}}));
}

json Browser::log(const std::string& type) {
    return session("POST", "/se/log", {{"type", type}});
}

json Browser::console() {
    return log("browser");
}

std::vector<std::string> Browser::requests() {
    std::vector<std::string> urls;
    for (const json& entry : log("performance")) {
        const json message = json::parse(entry.at("message").get<std::string>()).at("message");
        if (message.at("method") == "Network.requestWillBeSent")
            urls.push_back(message.at("params").at("request").at("url"));
    }
    return urls;
}

} // namespace nflab::browser
