#include "model/checkpoint/shard_file.h"

#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <optional>
#include <tuple>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

namespace alluvium {

// Which file it is, and a time that every write moves on.
struct ShardFile::State {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t written = 0;  // nanoseconds

    auto operator<=>(const State&) const = default;
    bool same_file(const State& other) const {
        return device == other.device && inode == other.inode;
    }

    static std::optional<State> of(const std::filesystem::path& path) {
        struct stat info {};
        if (::stat(path.c_str(), &info) != 0) return std::nullopt;
        return State{info.st_dev, info.st_ino, info.st_size,
                     std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
    }
};

// A mapped range that the signal handler knows. Guards are handed on, never freed: the handler may
// walk over them at any time.
struct ShardFile::Guard {
    std::atomic<std::uintptr_t> begin{0};
    std::atomic<std::uintptr_t> end{0};  // 0: free
    std::atomic<bool> lost{false};
    Guard* next = nullptr;

    static inline std::atomic<Guard*> first{nullptr};
    static inline std::uintptr_t page = 0;
    static inline struct sigaction before {};

    static void on_fault(int signal, siginfo_t* info, void* context);
    static Guard* take(std::span<const std::byte> bytes);
    void release() { end = 0; }
};

void ShardFile::Guard::on_fault(int, siginfo_t* info, void*) {
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    for (Guard* guard = first.load(); guard != nullptr; guard = guard->next) {
        if (address < guard->begin || address >= guard->end) continue;
        // One system call, which a signal handler may make.
        void* const at = reinterpret_cast<void*>(address / page * page);
        void* const zeros =
            ::mmap(at, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        guard->lost = true;
        if (zeros == at) return;
    }
    // Not ours: the instruction runs again and meets whoever was in charge before.
    ::sigaction(SIGBUS, &before, nullptr);
}

// Under the lock of open_files().
ShardFile::Guard* ShardFile::Guard::take(std::span<const std::byte> bytes) {
    if (page == 0) {
        page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        struct sigaction action {};
        action.sa_sigaction = on_fault;
        action.sa_flags = SA_SIGINFO;
        ::sigemptyset(&action.sa_mask);
        ::sigaction(SIGBUS, &action, &before);
    }
    Guard* guard = first;
    while (guard != nullptr && guard->end != 0) guard = guard->next;
    const bool fresh = guard == nullptr;
    if (fresh) guard = new Guard;
    const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data());
    guard->lost = false;
    guard->begin = begin;
    guard->end = begin + bytes.size();
    if (fresh) {
        guard->next = first;
        first = guard;
    }
    return guard;
}

namespace {

struct OpenFiles {
    using Key = std::tuple<dev_t, ino_t, off_t, std::int64_t>;
    std::mutex lock;
    std::map<Key, std::weak_ptr<const ShardFile>> files;
};

// Never destroyed: tensors may outlive everything else.
OpenFiles& open_files() {
    static auto* const files = new OpenFiles;
    return *files;
}

}  // namespace

std::shared_ptr<const ShardFile> ShardFile::open(const std::filesystem::path& path) {
    OpenFiles& open = open_files();
    const std::scoped_lock lock(open.lock);
    if (const auto now = State::of(path)) {
        const auto known = open.files.find({now->device, now->inode, now->size, now->written});
        if (known != open.files.end()) {
            auto file = known->second.lock();
            if (file && !file->changed()) return file;
        }
    }
    const std::shared_ptr<const ShardFile> file(new ShardFile(path));
    std::erase_if(open.files, [](const auto& entry) { return entry.second.expired(); });
    const State& state = *file->opened_;
    open.files[{state.device, state.inode, state.size, state.written}] = file;
    return file;
}

ShardFile::ShardFile(const std::filesystem::path& path) : path_(path) {
    const auto before = State::of(path);
    file_ = MappedFile(path);
    const auto after = State::of(path);
    if (before != after || !after) {
        throw RunError("'" + path.string() + "' was changed while it was opened");
    }
    opened_ = std::make_unique<const State>(*after);
    if (file_.size() > 0) guard_ = Guard::take(file_.bytes());
}

ShardFile::~ShardFile() {
    if (guard_ != nullptr) guard_->release();
}

bool ShardFile::changed() const {
    if (guard_ != nullptr && guard_->lost) return true;
    const auto now = State::of(path_);
    return now && now->same_file(*opened_) && *now != *opened_;
}

bool ShardFile::outdated() const {
    return (guard_ != nullptr && guard_->lost) || State::of(path_) != *opened_;
}

}  // namespace alluvium
