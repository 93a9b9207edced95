/// A claim that nothing here judges, because what it is about could not be established. It stands in the table of papers so
/// that nobody takes its absence for a verdict.
public struct BlockedClaim: Sendable, Hashable {
    /// `C21`.
    public let name: String
    public let title: String
    public let paper: Paper
    /// Why it is not judged.
    public let reason: String

    public static let all = [
        BlockedClaim(
            name: "C21", title: "Global error signals help", paper: .lee2025,
            reason: "neither the text nor code of the work was found, so that its rule could not be established")
    ]

    /// The claim called `name`, such as `C21` or `c21`; nil if there is none.
    public static func named(_ name: String) -> BlockedClaim? { all.first { $0.name == name.uppercased() } }
}
