#include "codec/gunzip_stream.h"

#include <isa-l/igzip_lib.h>

#include <array>
#include <cstdint>

namespace codec {

struct GunzipStream::State {
  inflate_state inflate{};
  std::array<std::uint8_t, std::size_t{64} << 10U> out{};
  bool begun = false;  // inside a member
};

GunzipStream::GunzipStream() : state_(std::make_unique<State>()) {
  isal_inflate_init(&state_->inflate);
  state_->inflate.crc_flag = ISAL_GZIP;
}

GunzipStream::~GunzipStream() = default;

void GunzipStream::give(std::string_view packed) {
  // The library's interface has no const; it only reads.
  state_->inflate.next_in =
      const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(packed.data()));
  state_->inflate.avail_in = static_cast<std::uint32_t>(packed.size());
}

base::Result<std::string_view> GunzipStream::next() {
  inflate_state& inflate = state_->inflate;
  for (;;) {
    if (inflate.block_state == ISAL_BLOCK_FINISH) {
      if (inflate.avail_in == 0) {
        state_->begun = false;
        return std::string_view();
      }
      isal_inflate_reset(&inflate);
      inflate.crc_flag = ISAL_GZIP;
    }
    state_->begun = state_->begun || inflate.avail_in > 0;
    inflate.next_out = state_->out.data();
    inflate.avail_out = static_cast<std::uint32_t>(state_->out.size());
    const int code = isal_inflate(&inflate);
    if (code != ISAL_DECOMP_OK && code != ISAL_END_INPUT) {
      return base::fail(base::Code::kInvalid,
                        "the gzip data is damaged (code " + std::to_string(code) + ")");
    }
    const std::size_t made = state_->out.size() - inflate.avail_out;
    if (made > 0) {
      return std::string_view(reinterpret_cast<const char*>(state_->out.data()), made);
    }
    if (inflate.block_state != ISAL_BLOCK_FINISH && inflate.avail_in == 0) {
      return std::string_view();
    }
  }
}

bool GunzipStream::whole() const { return !state_->begun; }

}  // namespace codec
