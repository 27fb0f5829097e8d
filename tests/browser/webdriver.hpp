// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <sys/types.h>

#include <memory>
#include <string>

/// A headless Chromium, driven through chromedriver (W3C WebDriver). Every call has a deadline and
/// throws std::runtime_error with the driver's words when it fails.
namespace nflab::browser {

class Browser {
  public:
    Browser();
    ~Browser(); ///< ends browser and driver
    Browser(const Browser&) = delete;
    Browser& operator=(const Browser&) = delete;

    void open(const std::string& url);
    /// The body of a function; what it returns.
    nlohmann::json evaluate(const std::string& script);
    /// One after the other to whatever has the focus. Keys without a letter: see Key.
    void type(const std::string& keys);
    /// Width and height of the window in CSS pixels.
    void resize(int width, int height);
    /// "light" or "dark", as the system would ask for.
    void prefer(const std::string& scheme);
    /// PNG and PDF as bytes.
    std::string screenshot();
    std::string print();
    /// Messages of the console at warning or above since the last call.
    nlohmann::json console();
    /// Every address that a request was made for since the last call.
    std::vector<std::string> requests();

  private:
    nlohmann::json call(const std::string& method, const std::string& path,
                        const nlohmann::json& body = {});
    nlohmann::json session(const std::string& method, const std::string& path,
                           const nlohmann::json& body = {});
    nlohmann::json log(const std::string& type);

    struct Driver;
    std::unique_ptr<Driver> driver_;
    std::string session_;
};

/// Code points that WebDriver gives to keys without a character, in UTF-8.
namespace key {
inline constexpr const char* enter = "\xee\x80\x87";
inline constexpr const char* escape = "\xee\x80\x8c";
inline constexpr const char* tab = "\xee\x80\x84";
inline constexpr const char* down = "\xee\x80\x95";
} // namespace key

} // namespace nflab::browser
