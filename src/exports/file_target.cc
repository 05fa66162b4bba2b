#include "exports/state.h"
#include "exports/target.h"

#include <chrono>
#include <optional>
#include <utility>

namespace exports {
namespace {

/// A state is written this often at most: what a crash takes away is read again.
constexpr std::chrono::seconds kCommitEvery{1};

class FileTarget final : public Target {
 public:
  FileTarget(FileTargetPaths paths, Identity identity, const Place& place)
      : paths_(std::move(paths)), identity_(std::move(identity)), place_(place) {}

  base::Result<Resume> open() {
    if (!paths_.state.empty()) {
      if (auto read = open_state(); !read) {
        return read.error();
      }
    }
    if (!paths_.file.empty()) {
      if (auto opened = open_file(); !opened) {
        return opened.error();
      }
    }
    committed_at_ = place_.clock.steady_now();
    return Resume{state_.position, begun_, file_ == nullptr || state_.bytes == 0};
  }

  base::Status take(std::string_view text, const Mark& mark) override {
    if (!text.empty()) {
      if (auto written = write(text); !written) {
        return written;
      }
    }
    changed_ = changed_ || mark.through != state_.position;
    state_.position = mark.through;
    if (changed_ && place_.clock.steady_now() - committed_at_ >= kCommitEvery) {
      return commit();
    }
    return base::ok();
  }

  base::Status finish() override { return commit(); }

 private:
  base::Status open_state() {
    auto lock = place_.files.lock(paths_.state + ".lock");
    if (!lock) {
      return lock.error();
    }
    lock_ = *std::move(lock);
    auto state = load_state(place_.files, paths_.state, identity_);
    if (!state) {
      return state.error();
    }
    begun_ = state->has_value();
    state_ = state->value_or(State());
    return base::ok();
  }

  base::Status open_file() {
    const bool there = place_.files.exists(paths_.file);
    const std::size_t slash = paths_.file.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : paths_.file.substr(0, slash + 1);
    if (!there && state_.bytes != 0) {
      if (auto forgotten = forget_file(folder); !forgotten) {
        return forgotten;
      }
    }
    auto file =
        place_.files.open(paths_.file, there ? io::OpenMode::kReadWrite : io::OpenMode::kCreate);
    if (!file) {
      return file.error();
    }
    file_ = *std::move(file);
    if (!there) {
      if (auto synced = place_.files.sync_directory(folder); !synced) {
        return synced;
      }
    }
    const auto size = file_->size();
    if (!size) {
      return size.error();
    }
    if (*size < state_.bytes) {
      return base::fail(base::Code::kCorrupt,
                        "\"" + paths_.file + "\" has " + std::to_string(*size) + " bytes, and \"" +
                            paths_.state + "\" says " + std::to_string(state_.bytes));
    }
    return *size == state_.bytes ? base::ok() : file_->truncate(state_.bytes);
  }

  /// The file was taken away: a new one begins, which must not be cut back to the old one's length.
  /// Nor may the old one come back after a power cut and be cut to nothing, so its name is gone for
  /// good first.
  base::Status forget_file(const std::string& folder) {
    if (auto synced = place_.files.sync_directory(folder); !synced) {
      return synced;
    }
    state_.bytes = 0;
    return save_state(place_.files, paths_.state, identity_, state_);
  }

  base::Status write(std::string_view text) {
    changed_ = true;
    if (file_ == nullptr) {
      place_.output.out(text);
      return place_.output.alive() ? base::ok()
                                   : base::fail(base::Code::kIo, "standard output is closed");
    }
    const auto written = file_->write_at(state_.bytes, text);
    state_.bytes += written ? text.size() : 0;
    return written;
  }

  base::Status commit() {
    if (file_ != nullptr) {
      if (auto synced = file_->sync_data(); !synced) {
        return synced;
      }
    }
    changed_ = false;
    committed_at_ = place_.clock.steady_now();
    return paths_.state.empty() ? base::ok()
                                : save_state(place_.files, paths_.state, identity_, state_);
  }

  const FileTargetPaths paths_;
  const Identity identity_;
  const Place place_;
  std::unique_ptr<io::Lock> lock_;
  std::unique_ptr<io::File> file_;
  State state_;
  bool begun_ = false;
  bool changed_ = false;
  std::chrono::steady_clock::time_point committed_at_;
};

}  // namespace

base::Result<OpenedTarget> open_file_target(const FileTargetPaths& paths, const Identity& identity,
                                            const Place& place) {
  auto target = std::make_unique<FileTarget>(paths, identity, place);
  const auto resume = target->open();
  if (!resume) {
    return resume.error();
  }
  return OpenedTarget{std::move(target), *resume};
}

}  // namespace exports
