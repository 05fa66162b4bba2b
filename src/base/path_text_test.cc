#include "base/path_text.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(PathText, OfAPathOnlyTheLastNameIsLeft) {
  EXPECT_EQ(without_folders("journal: disk of '/srv/my data/events' has 0 bytes free"),
            "journal: disk of 'events' has 0 bytes free");
  EXPECT_EQ(without_folders("IO Error: Cannot open file \"/srv/a/1-2.parquet\": No such file"),
            "IO Error: Cannot open file \"1-2.parquet\": No such file");
  EXPECT_EQ(without_folders("/srv/data/state/state.db: disk I/O error"),
            "state.db: disk I/O error");
  EXPECT_EQ(without_folders("reading 'data/journal/1.seg', ./data/2.seg, then /srv/store/"),
            "reading '1.seg', 2.seg, then store");
}

TEST(PathText, OtherTextStaysAsItIs) {
  for (const char* text :
       {"", "the disk has 20705280 bytes free, less than the reserve of 25165824",
        "it doesn't fit 'x'", "store: event: 3 'rows' are \"gone\"", "an open ' quote"}) {
    EXPECT_EQ(without_folders(text), text);
  }
  EXPECT_EQ(without_folders("it can't read '/a/b'"), "it can't read 'b'");
}

}  // namespace
}  // namespace base
