#include "app/session/child_program.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <deque>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

extern char** environ;

namespace alluvium {
namespace {

constexpr int kPatienceMs = 100;       // how soon a cancellation is noticed
constexpr std::size_t kKeptLines = 8;  // of what it said last, for the message

// A running program whose standard error comes here; its standard output goes nowhere.
class Child {
  public:
    explicit Child(const ProgramCall& call) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw RunError("cannot make a pipe");
        errors_ = ends[0];
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
        if (!call.folder.empty()) {
            ::posix_spawn_file_actions_addchdir_np(&actions, call.folder.c_str());
        }
        std::vector<std::string> words = {call.program.string()};
        words.insert(words.end(), call.arguments.begin(), call.arguments.end());
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        const int failed =
            ::posix_spawn(&pid_, call.program.c_str(), &actions, nullptr, argv.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        if (failed != 0) {
            ::close(errors_);
            throw RunError("cannot start '" + call.program.string() +
                           "': " + std::strerror(failed));
        }
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        ::close(errors_);
        if (pid_ <= 0) return;
        interrupt();
        wait();
    }

    void interrupt() const { ::kill(pid_, SIGINT); }

    // What it has written since the last call, waiting a moment for it; false at the end.
    bool read(std::string& text) const {
        pollfd ready{errors_, POLLIN, 0};
        if (::poll(&ready, 1, kPatienceMs) <= 0) return true;
        std::array<char, 4096> buffer{};
        const ssize_t n = ::read(errors_, buffer.data(), buffer.size());
        if (n < 0) return errno == EINTR;
        text.append(buffer.data(), static_cast<std::size_t>(n));
        return n > 0;
    }

    // Its exit code; that of a shell for a signal.
    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

  private:
    pid_t pid_ = 0;
    int errors_ = -1;
};

// What it said, line by line.
class Listener {
  public:
    explicit Listener(Progress& progress) : progress_(progress) {}

    void hear(std::string& text) {
        for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
            line(text.substr(0, end));
            text.erase(0, end + 1);
        }
    }

    [[noreturn]] void fail(int code) const {
        if (!what_.empty() && code == 2) throw UserError(what_, hint_);
        if (!what_.empty()) throw RunError(what_);
        std::string said;
        for (const std::string& line : last_) said += "\n" + line;
        throw RunError("it ended with code " + std::to_string(code) + said);
    }

  private:
    void line(const std::string& text) {
        std::uint64_t done = 0, total = 0;
        if (read_progress(text, done, total)) {
            if (total != progress_.total()) progress_.start(total);
            if (done > progress_.done()) progress_.advance(done - progress_.done());
            return;
        }
        if (text.starts_with("error: ")) what_ = text.substr(7);
        if (text.starts_with("hint: ")) hint_ = text.substr(6);
        last_.push_back(text);
        if (last_.size() > kKeptLines) last_.pop_front();
    }

    Progress& progress_;
    std::string what_, hint_;
    std::deque<std::string> last_;
};

}  // namespace

bool read_progress(const std::string& line, std::uint64_t& done, std::uint64_t& total) {
    const std::size_t slash = line.find('/');
    const std::size_t percent = line.find("%)");
    if (slash == std::string::npos || percent == std::string::npos) return false;
    const std::size_t start = line.find_last_of(' ', slash) + 1;
    unsigned long long of = 0, from = 0;
    int used = 0;
    if (std::sscanf(line.c_str() + start, "%llu/%llu %n", &from, &of, &used) != 2) return false;
    done = from;
    total = of;
    return true;
}

void run_program(const ProgramCall& call, Progress& progress) {
    Child child(call);
    Listener listener(progress);
    std::string text;
    bool told = false;
    while (child.read(text)) {
        listener.hear(text);
        if (progress.cancelled() && !std::exchange(told, true)) child.interrupt();
    }
    const int code = child.wait();
    text += '\n';
    listener.hear(text);
    progress.check();
    if (code != 0) listener.fail(code);
}

}  // namespace alluvium
