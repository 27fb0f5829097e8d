// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/document.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What of a YAML text the document does not hold: comments, blank lines, and how it was written.
namespace nflab::scenario {

/// The lines of a block scalar (| or >).
struct BlockLines {
    std::string header; ///< "|", "|-", ">2"
    std::vector<std::string_view> lines;
    std::size_t indent = 0; ///< of its text, in the file
    int first_line = 0;     ///< in the file; the header's is the one before
};

/// The block scalar whose header stands there.
BlockLines block_lines(std::string_view text, Position where);

struct Comment {
    Position where;
    std::string text; ///< from the '#', without blanks at its end
    bool own_line = false;
    bool blank_before = false; ///< the line above is blank
};

/// The comments of a text, each beside the key or the list's item that it is about: one on a line
/// of its own is about what follows it, one behind something about the first thing of its line.
class Comments {
  public:
    /// An entry of a mapping or an item of a list: which, and where it begins.
    struct Place {
        bool item = false;
        Position where;
    };

    Comments(std::string_view text, const Value& document);

    const std::vector<Comment>& before(Place place) const;
    const std::vector<Comment>& behind(Place place) const;
    /// Below everything else.
    const std::vector<Comment>& rest() const { return rest_; }

    /// Whether one stands between the braces or brackets of a value.
    bool within(const Value& flow) const;
    /// Whether the line above this one is blank.
    bool blank_before(Position where) const;
    /// The first anchor, alias or tag.
    std::optional<Position> mark() const { return mark_; }

  private:
    enum class Kind : char { structure, scalar, comment };
    using Index = std::pair<bool, std::pair<int, int>>;

    static Index index(Place place) { return {place.item, {place.where.line, place.where.column}}; }
    std::size_t offset(Position where) const;
    void cover(std::size_t begin, std::size_t end, Kind kind);
    void cover_scalar(const Value& value);
    void cover_values(const Value& value);
    void find_comments();
    void add_places(const Value& value);
    void attach();

    std::string_view text_;
    std::vector<std::size_t> lines_; ///< where each begins
    std::vector<Kind> kinds_;        ///< of each byte
    std::vector<Place> places_;      ///< in the order of the text
    std::vector<Comment> comments_;
    std::map<Index, std::vector<Comment>> before_;
    std::map<Index, std::vector<Comment>> behind_;
    std::vector<Comment> rest_;
    std::optional<Position> mark_;
};

} // namespace nflab::scenario
