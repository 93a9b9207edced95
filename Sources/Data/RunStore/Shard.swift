/// One share of a study: every `count`-th run, beginning with the `index`-th.
///
/// Neighbouring runs differ in their rule or learning rate and so in their cost; dealing them out
/// like cards gives every share its part of the expensive ones.
public struct Shard: Hashable, Sendable, CustomStringConvertible {
    /// Which share, from 1.
    public let index: Int
    /// How many shares there are.
    public let count: Int

    /// The whole study.
    public static let whole = Shard(index: 1, of: 1)

    private init(index: Int, of count: Int) {
        self.index = index
        self.count = count
    }

    /// The share that `i/n` names, `nil` unless 1 ≤ i ≤ n.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], index >= 1,
            index <= count
        else { return nil }
        self.init(index: index, of: count)
    }

    /// The runs of this share, in their order.
    public func select<Element>(_ runs: [Element]) -> [Element] {
        stride(from: index - 1, to: runs.count, by: count).map { runs[$0] }
    }

    public var description: String { "\(index)/\(count)" }
}
