#pragma once
// Owning HDF5 handles, and the lock that every use of the library needs: HDF5 is not thread safe,
// so whoever calls it (closing handles included) holds a LibraryLock.
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include <hdf5.h>

namespace alluvium::hdf5 {

// What the library reported. Callers turn it into a UserError or RunError that names the file.
class Error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Serialises the library over all threads of the process; not recursive.
class LibraryLock {
  public:
    LibraryLock();

  private:
    std::unique_lock<std::mutex> lock_;
};

// Throws Error naming `what` where `status` is negative, the library's way to say no.
void check(herr_t status, const std::string& what);

class Handle {
  public:
    using Close = herr_t (*)(hid_t);

    Handle() = default;
    // Throws Error naming `what` where `id` is negative.
    Handle(hid_t id, Close close, const std::string& what);
    Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
    Handle& operator=(Handle&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(close_, other.close_);
        return *this;
    }
    ~Handle() {
        if (id_ >= 0) close_(id_);
    }

    hid_t get() const { return id_; }
    explicit operator bool() const { return id_ >= 0; }

  private:
    hid_t id_ = -1;
    Close close_ = nullptr;
};

}  // namespace alluvium::hdf5
