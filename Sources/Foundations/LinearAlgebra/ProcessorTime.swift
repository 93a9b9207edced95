internal import CLAPACKE

/// The time that a thread has spent computing, which other programs do not stretch as they do the
/// time on the wall.
package enum ProcessorTime {
    /// Seconds of the calling thread since it began. On one BLAS thread, all of a solve's work.
    package static func ofThread() -> Double { thread_processor_seconds() }
}
