internal import Dispatch
internal import Synchronization

/// Evaluates `evaluate` at the indices, on up to `threads` threads, and returns the results in order: all of them, or
/// those up to and including the first that `isLast` accepts.
///
/// What is returned does not depend on the number of threads. Indices behind a last one may have been evaluated in
/// vain; that is the price of not knowing.
package func resultsInOrder<Result: Sendable>(
    of indices: Range<Int>, threads: Int, isLast: @Sendable (Result) -> Bool,
    _ evaluate: @Sendable (Int) -> Result
) -> [Result] {
    // On one thread stay on the caller's, so that task-local values and recursion limits are the caller's too.
    guard threads > 1, indices.count > 1 else {
        var results: [Result] = []
        for index in indices {
            let result = evaluate(index)
            results.append(result)
            if isLast(result) { break }
        }
        return results
    }

    let progress = Mutex(ConcurrentProgress<Result>(indices: indices))
    DispatchQueue.concurrentPerform(iterations: min(threads, indices.count)) { _ in
        while let index = progress.withLock({ $0.takeNext() }) {
            let result = evaluate(index)
            let endsHere = isLast(result)
            progress.withLock { $0.store(result, at: index, endsHere: endsHere) }
        }
    }
    return progress.withLock { $0.finished() }
}

/// What the threads share: which index is next, and the results so far.
private struct ConcurrentProgress<Result: Sendable>: Sendable {
    private let first: Int
    private var next: Int
    /// One past the smallest index known to be the last.
    private var end: Int
    private var results: [Result?]

    init(indices: Range<Int>) {
        (first, next, end) = (indices.lowerBound, indices.lowerBound, indices.upperBound)
        results = Array(repeating: nil, count: indices.count)
    }

    mutating func takeNext() -> Int? {
        guard next < end else { return nil }
        defer { next += 1 }
        return next
    }

    mutating func store(_ result: Result, at index: Int, endsHere: Bool) {
        results[index - first] = result
        if endsHere { end = min(end, index + 1) }
    }

    /// Indices are taken in order, so all below the end have been evaluated once the threads are done.
    func finished() -> [Result] {
        results.prefix(end - first).compactMap { $0 }
    }
}
