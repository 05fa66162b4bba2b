#include "load/request_maker.h"

#include "codec/compression.h"
#include "codec/text.h"

#include <algorithm>

namespace load {
namespace {

// Users are numbered 256 … 262,143; the most frequent one does 0.04 % of everything.
constexpr unsigned kFirstOctave = 8;
constexpr unsigned kEndOctave = 18;
constexpr unsigned kLaneBits = 48;
constexpr std::int64_t kSessionMs = 1'800'000;
constexpr std::int64_t kBetweenEventsMs = 40;
constexpr std::size_t kBracketsBytesMax = 16;
constexpr std::uint64_t kUserSalt = 0x5eed;
constexpr std::size_t kHeadBytesMax = Output::kRoomInFront;
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kMobilePath = "/2014-06-05/events";

std::size_t index_of(Api api) { return static_cast<std::size_t>(api); }

std::string_view app_of(Api api, const AppKeys& app) {
  return api == Api::kMobile ? app.mobile_app_id : app.app_id;
}

}  // namespace

RequestMaker::RequestMaker(const Recipe& recipe, unsigned lane)
    : recipe_(recipe),
      context_(client_context(), {{"app", recipe.app.mobile_app_id}}),
      basic_(codec::encode_base64(recipe.app.segmentstream_token + ":")),
      signer_({.access_key_id = recipe.app.aws_access_key_id,
               .secret_access_key = recipe.app.aws_secret_access_key,
               .session_token = recipe.app.aws_session_token}),
      chance_(std::stoull(recipe.run, nullptr, 16) << 8U | lane),
      next_(std::uint64_t{lane} << kLaneBits) {
  for (const Api api : recipe.apis) {
    kinds_[index_of(api)] = compile(api);
  }
}

RequestMaker::Kinds RequestMaker::compile(Api api) const {
  Kinds out;
  std::size_t share = 0;
  for (const EventKind& kind : event_kinds(api)) {
    const std::size_t end = std::min<std::size_t>(share + kind.share, out.of_share.size());
    std::fill(out.of_share.begin() + static_cast<std::ptrdiff_t>(share),
              out.of_share.begin() + static_cast<std::ptrdiff_t>(end),
              static_cast<std::uint8_t>(out.templates.size()));
    share = end;
    out.templates.emplace_back(kind.text, Constants{{"app", app_of(api, recipe_.app)}});
  }
  CHECK(share == out.of_share.size());
  return out;
}

Made RequestMaker::make(std::int64_t now_ms, Output& out) {
  const Api api = recipe_.apis[request_++ % recipe_.apis.size()];
  const unsigned events = api == Api::kSegmentstream ? 1 : recipe_.batch;
  Filling filling{.run = recipe_.run, .id = mix(next_++), .time_ms = now_ms};
  choose_user(api, filling);
  out.clear();
  put_body(api, events, filling, out);
  if (api == Api::kClickstream && recipe_.gzip) {
    pack(out);
  }
  const std::size_t body_bytes = out.size();
  if (recipe_.to == Peer::kRedis) {
    frame_for_redis(out);
  } else {
    put_head(api, filling, out);
    out.put_in_front(head_.view());
  }
  return {out.view(), body_bytes, events, api};
}

void RequestMaker::choose_user(Api api, Filling& filling) {
  filling.written = {};
  filling.user = chance_.skewed(kFirstOctave, kEndOctave);
  filling.user_bits = mix(filling.user + kUserSalt);
  const std::span<const std::string_view> known = devices(api);
  filling.device = known[filling.user_bits % known.size()];
  const auto phase = static_cast<std::int64_t>(filling.user_bits % kSessionMs);
  filling.session_ms = filling.time_ms - (filling.time_ms - phase) % kSessionMs;
}

void RequestMaker::put_body(Api api, unsigned events, Filling event, Output& out) {
  const std::int64_t now_ms = event.time_ms;
  out.reserve(kBracketsBytesMax);
  out.put(api == Api::kClickstream ? "["
          : api == Api::kClevertap ? "{\"d\":["
          : api == Api::kMobile    ? "{\"events\":["
                                   : "");
  for (unsigned at = 0; at < events; ++at) {
    if (at > 0) {
      out.put(",");
    }
    if (api == Api::kClevertap) {
      // A back end sends what many did; everything else comes from one user's device.
      choose_user(api, event);
    }
    event.id = mix(next_++);
    event.event_bits = chance_.bits();
    // The last one happened just now, those before it a little earlier in the same session.
    const std::int64_t ago = (events - 1 - at) * kBetweenEventsMs;
    event.time_ms = std::max(now_ms - ago, event.session_ms);
    const Kinds& kinds = kinds_[index_of(api)];
    kinds.templates[kinds.of_share[(event.event_bits >> 16U) % kinds.of_share.size()]].fill(event,
                                                                                            out);
    out.reserve(kBracketsBytesMax);
  }
  out.put(api == Api::kClickstream ? "]" : api == Api::kSegmentstream ? "" : "]}");
}

void RequestMaker::pack(Output& out) {
  const std::string packed = codec::encode_base64(codec::gzip(out.view(), 1));
  out.clear();
  out.reserve(packed.size());
  out.put(packed);
}

void RequestMaker::put_head(Api api, const Filling& filling, const Output& body) {
  head_.clear();
  head_.reserve(kHeadBytesMax);
  switch (api) {
    case Api::kClickstream: put_clickstream_head(filling, body); break;
    case Api::kClevertap: put_clevertap_head(filling); break;
    case Api::kMobile: put_mobile_head(filling, body); break;
    case Api::kSegmentstream: put_segmentstream_head(); break;
  }
  put_end(body);
}

void RequestMaker::put_line(std::string_view target) {
  head_.put("POST ");
  head_.put(recipe_.path.empty() ? target : std::string_view(recipe_.path));
}

void RequestMaker::put_host() {
  head_.put(" HTTP/1.1\r\nHost: ");
  head_.put(recipe_.host);
  head_.put("\r\n");
}

// The headers a page's fetch() sends.
void RequestMaker::put_clickstream_head(const Filling& filling, const Output& body) {
  put_line("/collect?");
  if (recipe_.path.empty()) {
    head_.put(recipe_.gzip ? "platform=Android&appId=" : "platform=Web&appId=");
    head_.put(recipe_.app.app_id);
    head_.put("&event_bundle_sequence_id=");
    head_.put_number(request_);
    head_.put("&upload_timestamp=");
    head_.put_number(static_cast<std::uint64_t>(filling.time_ms));
    head_.put(recipe_.gzip ? "&compression=gzip" : "");
  }
  if (recipe_.hash_code && recipe_.path.empty()) {
    const Digest digest = sha_.digest(body.view());
    head_.put("&hashCode=");
    for (std::size_t at = 0; at < 4; ++at) {
      head_.put_hex(std::uint64_t{digest[at]} << 56U, 2);
    }
  }
  put_host();
  head_.put("Content-Type: application/json; charset=utf-8\r\nUser-Agent: ");
  head_.put(browsers()[filling.user_bits % browsers().size()]);
  head_.put(
      "\r\nAccept: */*\r\nAccept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\n"
      "Referer: https://shop.example/\r\nOrigin: https://shop.example\r\n");
}

void RequestMaker::put_clevertap_head(const Filling& filling) {
  put_line("/1/upload");
  put_host();
  head_.put(
      "Content-Type: application/json; charset=utf-8\r\n"
      "X-CleverTap-Account-Id: ");
  head_.put(recipe_.app.clevertap_account_id);
  head_.put("\r\nX-CleverTap-Passcode: ");
  head_.put(recipe_.app.clevertap_passcode);
  head_.put("\r\nIdempotency-Key: ");
  put_id(recipe_.run, filling.id, head_);
  head_.put("\r\nAccept: */*\r\n");
}

void RequestMaker::put_mobile_head(const Filling& filling, const Output& body) {
  context_text_.clear();
  Filling visit = filling;
  context_.fill(visit, context_text_);
  put_line(kMobilePath);
  put_host();
  head_.put("Content-Type: ");
  head_.put(kJson);
  head_.put(
      "\r\nUser-Agent: aws-sdk-android/2.2.5 Linux/3.4.0 Dalvik/1.6.0/0 en_US\r\n"
      "x-amz-Client-Context: ");
  head_.put(context_text_.view());
  head_.put("\r\n");
  signer_.put_headers({.path = kMobilePath,
                       .host = recipe_.host,
                       .content_type = kJson,
                       .client_context = context_text_.view(),
                       .body = body.view()},
                      filling.time_ms, head_);
}

void RequestMaker::put_segmentstream_head() {
  put_line("/track");
  put_host();
  head_.put("Content-Type: application/json\r\nAuthorization: Basic ");
  head_.put(basic_);
  head_.put("\r\nUser-Agent: shop-back-end/1.0\r\nAccept: */*\r\n");
}

void RequestMaker::put_end(const Output& body) {
  head_.put("Content-Length: ");
  head_.put_number(body.size());
  head_.put("\r\n\r\n");
}

void RequestMaker::frame_for_redis(Output& out) {
  std::string_view list = recipe_.path;
  if (list.empty()) {
    list = "catchment-load";
  }
  head_.clear();
  head_.reserve(kHeadBytesMax);
  head_.put("*3\r\n$5\r\nLPUSH\r\n$");
  head_.put_number(list.size());
  head_.put("\r\n");
  head_.put(list);
  head_.put("\r\n$");
  head_.put_number(out.size());
  head_.put("\r\n");
  out.put_in_front(head_.view());
  out.reserve(2);
  out.put("\r\n");
}

std::string sql_where(const std::vector<Api>& apis, std::string_view run) {
  std::string out;
  for (const Api api : apis) {
    out.append(out.empty() ? "(api = '" : " OR (api = '");
    out.append(api == Api::kMobile ? "mobile_analytics" : to_text(api));
    out.append(api == Api::kClevertap ? "' AND user_id LIKE '"
               : api == Api::kMobile  ? "' AND session_id LIKE '"
                                      : "' AND event_id LIKE '");
    out.append(run).append(api == Api::kClevertap ? ".%')" : "-%')");
  }
  return apis.size() > 1 ? "(" + out + ")" : out;
}

}  // namespace load
