internal import Foundation

/// Why a file or a standard stream could not be read or written.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was being done.
    public enum Step: String, Equatable, Sendable {
        case open = "opening it"
        case read = "reading it"
        case inspect = "looking at it"
        case createTemporary = "creating a temporary file beside it"
        case write = "writing"
        case rename = "renaming the finished file"
    }

    /// The path as the caller gave it, or the name of a standard stream.
    public let name: String
    /// The step that failed.
    public let step: Step
    /// The system's error number (`errno`); `nil` if this module refused what the system would allow.
    public let code: Int32?
    /// Why, in words: the system's own for its error numbers.
    public let reason: String

    /// A refusal of the operating system; by default the last one.
    package init(_ name: String, _ step: Step, code: Int32 = errno) {
        self.name = name
        self.step = step
        self.code = code
        reason = String(cString: strerror(code))
    }

    /// A refusal for a reason of one's own.
    package init(_ name: String, _ step: Step, reason: String) {
        self.name = name
        self.step = step
        code = nil
        self.reason = reason
    }

    /// Whether a result was to be written. Otherwise something was to be read.
    public var isOfOutput: Bool {
        switch step {
        case .open, .read: false
        case .inspect, .createTemporary, .write, .rename: true
        }
    }

    /// Whether standard output is a pipe that nobody reads any more.
    public var isClosedStandardOutput: Bool { code == EPIPE && name == StandardOutput.name }

    public var description: String {
        let shown = name.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? $0.escaped(asASCII: true) : String($0) }
        return "\(shown.joined()): cannot be \(isOfOutput ? "written" : "read"): \(reason) (\(step.rawValue))"
    }
}
