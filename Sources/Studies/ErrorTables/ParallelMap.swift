internal import Dispatch
internal import Synchronization

/// `(0..<count).map(transform)` on several threads. Results are in order and, if `transform` depends
/// on its index only, the same for every number of threads.
///
/// - Throws: the error of the smallest index that failed.
func parallelMap<Element: Sendable>(
    count: Int, threads: Int, _ transform: @Sendable (Int) throws -> Element
) throws -> [Element] {
    let results = Mutex([Int: Result<Element, any Error>]())
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
        while true {
            let index = next.add(1, ordering: .relaxed).oldValue
            if index >= count { return }
            let result = Result { try transform(index) }
            results.withLock { $0[index] = result }
        }
    }
    let found = results.withLock { $0 }
    return try (0..<count).compactMap { try found[$0]?.get() }
}
