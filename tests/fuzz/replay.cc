// Runs one fuzz target over files instead of under libFuzzer: what a crash once was, and the seeds,
// in every build. With --changes N also over N random changes of each file, so that a property is
// tried on more than what was thought of where there is no clang.
// usage: catchment_ROOM_TARGET_replay [--changes N] FILE_OR_FOLDER...

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

/// In the working folder, for whoever wants to see what broke the target; gone when nothing did.
constexpr const char* kLastChange = "last_change.input";

std::vector<std::filesystem::path> files_below(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) {
    return {path};
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) {
      files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  return files;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "cannot read \"%s\"\n", path.c_str());
    std::exit(2);
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

/// On the heap and no larger than the input, so that a sanitizer sees a read past its end.
void run(const std::string& input) {
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  static_cast<void>(LLVMFuzzerTestOneInput(bytes.data(), bytes.size()));
}

std::size_t below(std::mt19937_64& random, std::size_t end) { return random() % end; }

/// One to four small changes: a byte, a piece taken out, a piece twice, the end cut.
std::string changed(std::string text, std::mt19937_64& random) {
  constexpr std::size_t kPieceMax = 32;
  for (std::size_t left = 1 + below(random, 4); left > 0 && !text.empty(); --left) {
    const std::size_t at = below(random, text.size());
    const std::size_t bytes = 1 + below(random, std::min(kPieceMax, text.size() - at));
    switch (below(random, 5)) {
      case 0: text[at] = static_cast<char>(random()); break;
      case 1: text[at] = text[below(random, text.size())]; break;
      case 2: text.erase(at, bytes); break;
      case 3: text.insert(below(random, text.size()), std::string(text, at, bytes)); break;
      default: text.resize(at); break;
    }
  }
  return text;
}

/// Where it stops is the input that does it: the name is out before the target runs.
std::size_t replay(const std::filesystem::path& file, std::size_t changes) {
  const std::string input = content_of(file);
  std::fprintf(stderr, "%s\n", file.c_str());
  run(input);
  if (changes > 0) {
    std::fprintf(stderr, "changing %s\n", file.c_str());
  }
  std::mt19937_64 random(input.size());
  for (std::size_t i = 0; i < changes; ++i) {
    const std::string other = changed(input, random);
    std::ofstream(kLastChange, std::ios::binary) << other;
    run(other);
  }
  return 1 + changes;
}

}  // namespace

int main(int count, char** words) {
  std::size_t changes = 0;
  std::size_t inputs = 0;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(words[i], "--changes") == 0 && i + 1 < count) {
      changes = std::strtoul(words[++i], nullptr, 10);
      continue;
    }
    for (const std::filesystem::path& file : files_below(words[i])) {
      inputs += replay(file, changes);
    }
  }
  std::filesystem::remove(kLastChange);
  std::printf("%zu inputs\n", inputs);
  return inputs == 0 ? 2 : 0;
}
