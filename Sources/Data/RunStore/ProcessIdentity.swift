internal import Foundation

/// Who holds a lease: a process, and the machine that it runs on, so that another process on the
/// same machine can see whether it still lives.
struct ProcessIdentity: Equatable, Sendable {
    /// The boot of the machine and the name space that process numbers belong to.
    let machine: String
    let process: Int
    /// When the process began: tells it from a later one with the same number.
    let began: String

    /// This process.
    static let current = ProcessIdentity(
        machine: machineName, process: Int(getpid()),
        began: state(ofProcess: Int(getpid()))?.began ?? "")

    /// Whether the process is certainly gone. `false` if it lives or nobody here can know.
    var isCertainlyGone: Bool {
        guard machine == Self.machineName, !began.isEmpty else { return false }
        guard let state = Self.state(ofProcess: process) else {
            return kill(pid_t(truncatingIfNeeded: process), 0) != 0 && errno == ESRCH
        }
        // A killed process stays in the table until its parent has asked for its end.
        return state.began != began || state.letter == "Z" || state.letter == "X"
    }

    private static let machineName: String = {
        let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        let space = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        guard let boot, let space else { return "host " + ProcessInfo.processInfo.hostName }
        return boot.trimmingCharacters(in: .whitespacesAndNewlines) + " " + space
    }()

    /// From Linux's `/proc/N/stat`: state and starting time; `nil` where there is none.
    private static func state(ofProcess process: Int) -> (letter: Substring, began: String)? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            // The second field is the program's name in parentheses and may hold spaces.
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19 else { return nil }
        return (fields[0], String(fields[19]))
    }
}
