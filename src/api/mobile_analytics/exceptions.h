#pragma once
// The one table of what is asked of a request: the letter of the User Guide in the left column, and
// in the right one what a published client that cannot meet it is allowed. docs/api/
// mobile-analytics.md says the same for users; a member added here is added there.

#include <cstddef>

namespace api::mobile_analytics {

struct Rules {
  /// client.app_title and env.platform must be there, and `custom`, `env` and every text of the
  /// context must have its type. JavaScript leaves out what the developer did not set, down to an
  /// empty `env`, and passes options on as they are, also a number as version code.
  bool context_is_complete;
  /// env.platform is one of the seven the guide lists (any case). iOS sends "iPhone OS" and "iOS",
  /// JavaScript whatever the developer wrote.
  bool platform_is_listed;
  /// The app id stands in services.mobile_analytics. The early Pinpoint SDK for Android posts to
  /// this path with services.pinpointanalytics.
  bool service_is_mobile_analytics;
  /// `events` has one or more. A low-level AWS client sends the empty list it is asked to send.
  bool batch_has_events;
  /// `session` has an id and a valid startTimestamp. Android, before its first session, sends one
  /// without an id and with a start in 1970; iOS an empty object; both mean "no session".
  bool session_is_complete;
  /// A member that is null is a member of the wrong type. Clients written against the service model
  /// serialize absent members as null.
  bool null_is_a_value;
  /// Attributes and metrics of one custom event together, and of each kind. Android allows 50, and
  /// so does the service model, of each.
  std::size_t entries_max;
  std::size_t entries_of_a_kind_max;
  /// Characters of an attribute's value. Android allows 1,000, Unity 255.
  std::size_t value_characters_max;
};

inline constexpr std::size_t kKeyCharactersMax = 50;

/// "any combination of up to 40 attributes and metrics per custom event", values of 200 characters.
inline constexpr Rules kLetter = {true, true, true, true, true, true, 40, 40, 200};
inline constexpr Rules kPublishedClient = {false, false, false, false, false, false, 100, 50, 1000};

// Exceptions that are made for everyone, because the guide contradicts itself or because nothing is
// gained by refusing:
// - `version` may be missing: the guide's own example of a body has none, and Android sends none.
//   Any other than "v2.0" is refused.
// - session.duration and session.stopTimestamp are not in the guide; whatever their type, they
//   refuse nothing. JavaScript sends `"duration": null` with every _session.stop.
// - eventType may be of any length: the guide names none, and 74 characters have been seen.
// - Content-Type is not looked at: published clients send five different ones.
//
// Exceptions in the answer (endpoint.cc):
// - a refusal for content has an empty body for user agents that start "aws-sdk-iOS/": with a JSON
//   body that client sends the batch again for ever.
// - push-back is 400 ThrottlingException for aws-sdk-js: it throws a batch away after four 5xx.

}  // namespace api::mobile_analytics
