#include "json/builder.h"
#include "json/node.h"
#include "json/scalar.h"
#include "json/tokens.h"
#include "json/utf8.h"
#include "json/value.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace json {

struct Document::Arena {
  Chunks chunks;
  std::unique_ptr<char[]> text;  // every string without an escape points into it
  const Node* root = nullptr;
};

namespace {

// simdjson counts in 32 bits.
constexpr std::size_t kTextBytesMax = std::numeric_limits<std::uint32_t>::max() - 1024;
// What walks a document later, write() first of all, recurses.
constexpr std::size_t kDepthCeiling = 1024;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kChunkBytesMax = std::size_t{1} << 20U;

base::Error invalid(std::string_view what, const Source& source, std::size_t at) {
  return base::fail(base::Code::kInvalid, std::string(what) + " at byte " +
                                              std::to_string(source_offset(source.replaced, at)));
}

/// Why simdjson's first stage refuses a text: a string that does not end, or a control character
/// in one. It does not say where.
base::Error refusal(const Source& source, Chunks& chunks) {
  std::size_t at = source.text.find('"');
  while (at != std::string_view::npos) {
    const StringToken token = read_string(source.text.substr(at), chunks);
    if (token.error != nullptr) {
      return invalid(token.error, source, at + token.error_at);
    }
    const std::string_view text = source.text.substr(at, token.source_bytes);
    const auto control =
        std::ranges::find_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (control != text.end()) {
      return invalid("a control character inside a string", source,
                     at + static_cast<std::size_t>(control - text.begin()));
    }
    at = source.text.find('"', at + token.source_bytes);
  }
  return base::fail(base::Code::kInvalid, "not a JSON text");
}

}  // namespace

void Chunks::expect(std::size_t bytes) { next_bytes_ = std::min(bytes, kChunkBytesMax); }

void Chunks::grow(std::size_t wanted) {
  const std::size_t chunk_bytes = std::max(wanted, next_bytes_);
  next_bytes_ = std::min(next_bytes_ * 2, kChunkBytesMax);
  chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(chunk_bytes));
  free_ = chunks_.back().get();
  left_ = chunk_bytes;
}

base::Result<Document> Document::parse(std::string_view text, const Limits& limits) {
  if (text.size() > kTextBytesMax) {
    return base::fail(base::Code::kTooLarge, "a JSON text of " + std::to_string(text.size()) +
                                                 " bytes; 4 GiB is the limit");
  }
  std::string repaired;
  std::vector<Replacement> replaced;
  if (!is_utf8(text)) {
    repair_utf8(text, repaired, &replaced);
    text = repaired;
  }
  // Blanked, not cut off, so that offsets in messages are those of the text as sent.
  const std::size_t mark_bytes = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  if (text.find_first_not_of(" \t\r\n", mark_bytes) == std::string_view::npos) {
    return base::fail(base::Code::kInvalid, "an empty text where JSON was expected");
  }
  auto arena = std::make_unique<Arena>();
  arena->text = std::make_unique_for_overwrite<char[]>(text.size() + Tokens::kPadding);
  std::memcpy(arena->text.get(), text.data(), text.size());
  std::memset(arena->text.get(), ' ', mark_bytes);
  std::memset(arena->text.get() + text.size(), ' ', Tokens::kPadding);

  Tokens tokens;
  Source source{{arena->text.get(), text.size()}, {}, replaced};
  if (!tokens.find(source.text)) {
    return refusal(source, arena->chunks);
  }
  source.tokens = tokens.offsets();
  Limits capped = limits;
  capped.depth_max = std::min(limits.depth_max, kDepthCeiling);
  const base::Result<const Node*> root = Builder(source, capped, arena->chunks).build();
  if (!root) {
    return root.error();
  }
  arena->root = *root;
  return Document(std::move(arena));
}

Document::Document(std::unique_ptr<Arena> arena) : arena_(std::move(arena)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Value Document::root() const { return Value(arena_->root); }
std::uint8_t Document::repairs() const { return root().repairs(); }

}  // namespace json
