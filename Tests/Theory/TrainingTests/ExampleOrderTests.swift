import Testing
import Training

/// The order of the examples, epoch by epoch.
@Suite("Example order")
struct ExampleOrderTests {
    private func epoch(_ number: Int, _ order: inout ExampleOrder) -> [Int] {
        (0..<5).flatMap { Array(order.batch(ofIteration: 5 * number + $0)) }
    }

    @Test func `every epoch is a new permutation, cut into mini-batches`() {
        var order = ExampleOrder(seed: 3, examples: 20, batchSize: 4)
        let epochs = (0..<6).map { epoch($0, &order) }
        for one in epochs { #expect(one.sorted() == Array(0..<20)) }
        #expect(Set(epochs).count == 6)
    }

    @Test func `the position follows from the iteration alone`() {
        var order = ExampleOrder(seed: 3, examples: 20, batchSize: 4)
        let later = epoch(4, &order)
        #expect(epoch(1, &order) != later)
        #expect(epoch(4, &order) == later)
        var other = ExampleOrder(seed: 4, examples: 20, batchSize: 4)
        #expect(epoch(4, &other) != later)
    }

    @Test func `examples that fill no mini-batch wait`() {
        var order = ExampleOrder(seed: 3, examples: 22, batchSize: 4)
        #expect(Set(epoch(0, &order)).count == 20)
    }
}
