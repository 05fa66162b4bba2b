#include "io/file_system.h"

namespace io {

base::Result<std::string> read_file(FileSystem& files, const std::string& path,
                                    std::uint64_t bytes_max) {
  base::Result<std::unique_ptr<File>> file = files.open(path, OpenMode::kRead);
  if (!file) {
    return file.error();
  }
  const base::Result<std::uint64_t> size = (*file)->size();
  if (!size) {
    return size.error();
  }
  if (*size > bytes_max) {
    return base::fail(base::Code::kTooLarge, "file '" + path + "' has " + std::to_string(*size) +
                                                 " bytes, at most " + std::to_string(bytes_max) +
                                                 " were expected");
  }
  std::string out(*size, '\0');
  const base::Result<std::size_t> read = (*file)->read_at(0, out);
  if (!read) {
    return read.error();
  }
  out.resize(*read);
  return out;
}

base::Status replace_file(FileSystem& files, const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp";
  if (files.exists(temporary)) {
    if (const base::Status removed = files.remove(temporary); !removed) {
      return removed;
    }
  }
  base::Result<std::unique_ptr<File>> file = files.open(temporary, OpenMode::kCreate);
  if (!file) {
    return file.error();
  }
  base::Status done = (*file)->write_at(0, bytes);
  if (done) {
    done = (*file)->sync_data();
  }
  if (done) {
    done = files.rename(temporary, path);
  }
  if (!done) {
    static_cast<void>(files.remove(temporary));
    return done;
  }
  const std::size_t slash = path.rfind('/');
  return files.sync_directory(slash == std::string::npos ? "." : path.substr(0, slash + 1));
}

std::string join(std::string_view folder, std::string_view name) {
  while (folder.size() > 1 && folder.ends_with('/')) {
    folder.remove_suffix(1);
  }
  while (name.starts_with('/')) {
    name.remove_prefix(1);
  }
  std::string out(folder);
  if (!out.ends_with('/')) {
    out += '/';
  }
  out += name;
  return out;
}

}  // namespace io
