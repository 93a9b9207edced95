internal import LinearAlgebra

/// What a solve took on the wall and on the processor, in seconds.
package struct SolveTime: Sendable {
    package var wall = 0.0
    package var processor = 0.0
}

/// Times a solve, from its making.
package struct SolveTimer {
    private let began = ContinuousClock.now
    private let processorBegan = ProcessorTime.ofThread()

    package init() {}

    /// The time since.
    package var time: SolveTime {
        SolveTime(
            wall: (ContinuousClock.now - began) / .seconds(1),
            processor: ProcessorTime.ofThread() - processorBegan)
    }
}
