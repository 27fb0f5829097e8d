// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/compressed.hpp"

#include "harness/base/error.hpp"

#include <openssl/evp.h>
#include <zlib.h>

#include <vector>

namespace nflab::report {

std::string base64(std::string_view bytes) {
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0'); // EVP_EncodeBlock ends it with a NUL
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                    reinterpret_cast<const unsigned char*>(bytes.data()),
                    static_cast<int>(bytes.size()));
    out.pop_back();
    return out;
}

std::string gzip_base64(std::string_view text) {
    constexpr int gzip_window = 15 + 16; // deflateInit2: 16 more asks for a gzip header
    constexpr int memory_level = 8;
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        throw Error(Failure::lab, "zlib cannot compress");
    std::vector<char> out(deflateBound(&stream, text.size()));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = deflate(&stream, Z_FINISH);
    const std::size_t size = out.size() - stream.avail_out;
    deflateEnd(&stream);
    if (result != Z_STREAM_END)
        throw Error(Failure::lab, "zlib cannot compress");
    return base64({out.data(), size});
}

} // namespace nflab::report
