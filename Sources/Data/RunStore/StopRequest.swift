internal import Foundation
internal import Synchronization

/// A wish to stop soon, which long work looks at between its slices.
public final class StopRequest: Sendable {
    private let value = Atomic<Int32>(0)

    /// No wish yet.
    public init() {}

    /// Wishes to stop.
    ///
    /// - Parameter signal: the signal that asked for it; any number but 0.
    public func request(signal: Int32) {
        _ = value.compareExchange(expected: 0, desired: signal, ordering: .relaxed)
    }

    /// The signal that asked, `nil` if none has.
    public var signal: Int32? {
        let signal = value.load(ordering: .relaxed)
        return signal == 0 ? nil : signal
    }

    /// The wish of whoever runs the program: Ctrl-C (SIGINT) and SIGTERM.
    public static let ofUser = StopRequest()

    /// From now on the first SIGINT or SIGTERM sets `ofUser`; the second ends the program at once,
    /// which loses nothing that was saved.
    public static func listenToUser() {
        // Made here, because a signal handler must not be the first to touch it.
        _ = ofUser
        // A parent that starts programs from a worker thread may hand down blocked signals.
        var wanted = sigset_t()
        sigemptyset(&wanted)
        sigaddset(&wanted, SIGINT)
        sigaddset(&wanted, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
        for number in [SIGINT, SIGTERM] {
            Foundation.signal(number) { received in
                StopRequest.ofUser.request(signal: received)
                Foundation.signal(received, SIG_DFL)
            }
        }
    }
}
