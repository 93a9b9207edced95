import ImplicitSGD
import Testing

@Suite("Side patterns")
struct SidePatternsTests {
    @Test("No unit: one empty pattern")
    func empty() {
        #expect(Array(SidePatterns([])) == [[]])
    }

    @Test("Up to the limit every combination once")
    func complete() {
        let patterns = SidePatterns([[1, -1], [-1], [1, -1], [1]])
        #expect(patterns.isComplete)
        #expect(Set(patterns) == [[1, -1, 1, 1], [-1, -1, 1, 1], [1, -1, -1, 1], [-1, -1, -1, 1]])
        let six = SidePatterns(Array(repeating: [1, -1], count: 6))
        #expect(six.isComplete && Set(six).count == 64)
    }

    @Test("Beyond it a sample, with all to either side, and it says so")
    func sampled() {
        let patterns = SidePatterns(Array(repeating: [1, -1], count: 40))
        #expect(!patterns.isComplete)
        let all = Array(patterns)
        #expect(all.count == SidePatterns.limit && Set(all).count > 50)
        #expect(all.contains(Array(repeating: 1, count: 40)) && all.contains(Array(repeating: -1, count: 40)))
        #expect(Array(patterns) == all, "the same again")
    }
}
