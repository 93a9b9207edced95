internal import LinearAlgebra

/// What a solve took on the wall and on the processor, in seconds.
struct SolveTime: Sendable {
    var wall = 0.0
    var processor = 0.0
}

/// Times a solve, from its making.
struct SolveTimer {
    private let began = ContinuousClock.now
    private let processorBegan = ProcessorTime.ofThread()

    /// The time since.
    var time: SolveTime {
        SolveTime(
            wall: (ContinuousClock.now - began) / .seconds(1),
            processor: ProcessorTime.ofThread() - processorBegan)
    }
}
