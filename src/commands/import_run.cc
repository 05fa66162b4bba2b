#include "commands/import_run.h"

#include "base/clock.h"
#include "imports/file_import.h"
#include "imports/packer.h"
#include "json/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace commands {
namespace {

constexpr std::size_t kWordBytes = std::size_t{512} << 10U;  // of a frame's 1 MiB
constexpr int kFolderDepthMax = 16;
constexpr std::chrono::milliseconds kBarEvery{200};

/// What the other side says, for the numbers in it; errors go on to the terminal.
class Answer final : public control::Output {
 public:
  explicit Answer(control::Output& terminal) : terminal_(terminal) {}
  void out(std::string_view text) override { text_ += text; }
  void err(std::string_view text) override { terminal_.err(text); }
  bool alive() override { return terminal_.alive(); }
  [[nodiscard]] bool terminal() const override { return false; }

  [[nodiscard]] std::int64_t number(std::string_view name) const {
    const auto document = json::Document::parse(text_);
    return document ? document->root()[name].integer().value_or(0) : 0;
  }

 private:
  control::Output& terminal_;
  std::string text_;
};

struct Totals {
  std::uint64_t files = 0;
  std::uint64_t lines = 0;
  std::int64_t stored = 0;
  std::int64_t duplicate = 0;
  std::int64_t rejected = 0;
  std::int64_t known = 0;
};

class Import {
 public:
  Import(const ImportFiles& files, const Typist& typist, const Call& call)
      : files_(files),
        typist_(typist),
        call_(call),
        words_({"import", "--app", files.reading.app_id, "--from",
                std::string(imports::format_name(files.reading.format))}) {}

  int run() {
    std::vector<std::string> check = words_;
    check.emplace_back("--check");
    if (!ask(std::move(check))) {
      return 1;
    }
    std::vector<std::string> paths;
    for (const std::string& path : files_.paths) {
      collect(path, 0, paths);
    }
    measure(paths);
    for (const std::string& path : paths) {
      if (!run_file(path)) {
        return 1;
      }
    }
    hide_bar();
    print_totals();
    return failed_ ? 1 : 0;
  }

 private:
  void complain(const std::string& text) {
    hide_bar();
    typist_.place.output.err("catchment: " + text + "\n");
    failed_ = true;
  }

  void collect(const std::string& path, int depth, std::vector<std::string>& out) {
    const base::Result<std::vector<std::string>> names = typist_.place.files.list(path);
    if (!names) {
      out.push_back(path);
      return;
    }
    if (depth >= kFolderDepthMax) {
      complain("\"" + path + "\": folders are not followed any deeper");
      return;
    }
    for (const std::string& name : *names) {
      if (!name.starts_with('.')) {
        collect(io::join(path, name), depth + 1, out);
      }
    }
  }

  void measure(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      const auto file = typist_.place.files.open(path, io::OpenMode::kRead);
      const auto bytes = file ? (*file)->size() : base::Result<std::uint64_t>(0);
      bytes_ += bytes ? *bytes : 0;
    }
  }

  /// False when it makes no sense to go on.
  bool run_file(const std::string& path) {
    auto file = imports::FileImport::open(typist_.place.files, path, files_.reading);
    if (!file) {
      complain(file.error().message);
      return true;
    }
    ++totals_.files;
    for (;;) {
      const auto part = (*file)->next();
      if (!part) {
        complain(part.error().message);
        break;
      }
      if (!*part) {
        break;
      }
      totals_.lines += (*part)->lines;
      if (!store((*part)->records)) {
        return false;
      }
      show_bar(path, (*file)->bytes_read());
    }
    bytes_done_ += (*file)->bytes();
    return true;
  }

  bool store(const std::vector<std::string>& records) {
    if (records.empty()) {
      return true;
    }
    std::vector<std::string> words = words_;
    words.emplace_back("--records");
    const std::string text = imports::join(records);
    for (std::size_t at = 0; at < text.size(); at += kWordBytes) {
      words.push_back("=" + text.substr(at, kWordBytes));
    }
    return ask(std::move(words));
  }

  bool ask(std::vector<std::string> words) {
    Answer answer(typist_.place.output);
    const base::Result<int> code = call_(words, answer);
    if (!code) {
      complain(code.error().message + "; run the same command again to go on");
    }
    totals_.stored += answer.number("stored");
    totals_.duplicate += answer.number("duplicate");
    totals_.rejected += answer.number("rejected");
    totals_.known += answer.number("known");
    return code && *code == 0;
  }

  void print_totals() {
    std::string text =
        fmt::format("{} {}, {} {}: {} imported, {} duplicate, {} put aside, {} imported before\n",
                    totals_.files, totals_.files == 1 ? "file" : "files", totals_.lines,
                    totals_.lines == 1 ? "line" : "lines", totals_.stored, totals_.duplicate,
                    totals_.rejected, totals_.known);
    if (totals_.rejected > 0) {
      text += "see 'catchment rejected list --app " + files_.reading.app_id + "'\n";
    }
    typist_.place.output.out(text);
  }

  void show_bar(const std::string& path, std::uint64_t file_bytes) {
    const auto now = typist_.place.clock.steady_now();
    if (!typist_.progress || now - shown_ < kBarEvery) {
      return;
    }
    shown_ = now;
    constexpr int kWidth = 30;
    const double part = bytes_ == 0 ? 1
                                    : std::min(1.0, static_cast<double>(bytes_done_ + file_bytes) /
                                                        static_cast<double>(bytes_));
    std::string bar(static_cast<std::size_t>(part * kWidth), '#');
    bar.resize(kWidth, ' ');
    const std::size_t slash = path.rfind('/');
    typist_.place.output.err(fmt::format("\r\x1b[K[{}] {:3}%  {} lines, {}", bar,
                                         static_cast<int>(part * 100), totals_.lines,
                                         path.substr(slash == std::string::npos ? 0 : slash + 1)));
    bar_ = true;
  }

  void hide_bar() {
    if (std::exchange(bar_, false)) {
      typist_.place.output.err("\r\x1b[K");
    }
  }

  const ImportFiles& files_;
  const Typist& typist_;
  const Call& call_;
  const std::vector<std::string> words_;
  Totals totals_;
  std::uint64_t bytes_ = 0;
  std::uint64_t bytes_done_ = 0;
  std::chrono::steady_clock::time_point shown_{};
  bool bar_ = false;
  bool failed_ = false;
};

}  // namespace

int run_import(const ImportFiles& files, const Typist& typist, const Call& call) {
  return Import(files, typist, call).run();
}

}  // namespace commands
