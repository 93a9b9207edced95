internal import Foundation

/// The state in which a program finds its standard streams, made safe once, before anything else is opened.
public enum StandardStreams {
    /// Occupies the numbers of closed standard streams, and turns writing to a closed pipe into an error.
    ///
    /// A stream that is closed at the start would lend its number to the next file that is opened, and a
    /// message would go into that file. It is opened here the wrong way round, so that using it fails as before.
    ///
    /// A write to a pipe that nobody reads ends a program without a word, even if the pipe is standard error
    /// and the result is still to come. Now it fails instead; a program whose standard output it
    /// was should then end by ``endByClosedPipe()``.
    public static func prepare() {
        for (stream, direction) in [
            (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
        ] where fcntl(stream, F_GETFD) == -1 && errno == EBADF {
            // The lowest free number is this one, because those below are taken.
            _ = open("/dev/null", direction)
        }
        signal(SIGPIPE, SIG_IGN)
    }

    /// Ends the process as one whose reader has gone (`… | head -1`) ends on Unix: by the signal, without a word.
    public static func endByClosedPipe() -> Never {
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        signal(SIGPIPE, SIG_DFL)
        sigprocmask(SIG_UNBLOCK, &pipe, nil)
        raise(SIGPIPE)
        exit(128 + SIGPIPE)
    }
}

/// Where results go.
public enum StandardOutput {
    static let name = "standard output"

    /// Whether people read it as it comes.
    public static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// The width of the terminal, `nil` where it is none or does not say.
    public static var terminalColumns: Int? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Writes the text in UTF-8; when this returns, the operating system has all of it.
    ///
    /// - Throws: `FileError` if the device is full, the stream closed, or a pipe without a reader.
    public static func write(_ text: String) throws(FileError) {
        try OpenFile(STDOUT_FILENO, name: name).write(Array(text.utf8))
    }
}

/// Where everything goes that is not a result: messages, progress.
public enum StandardError {
    /// Whether people read it as it comes.
    public static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes the text in UTF-8. That it cannot be written is no reason to lose a result, and there is nobody
    /// to be told.
    public static func write(_ text: String) {
        try? OpenFile(STDERR_FILENO, name: "standard error").write(Array(text.utf8))
    }
}
