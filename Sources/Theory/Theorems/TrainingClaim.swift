/// A claim about whole runs of training, which no single case decides: a study measures and judges it.
public struct TrainingClaim: Sendable, Hashable {
    /// `C5`.
    public let name: String
    public let title: String
    public let paper: Paper
    /// The subcommand that judges it, or the nearest measurement where none does.
    public let study: String

    public static let all = [
        TrainingClaim(
            name: "C5", title: "IL-prox trains at learning rates 0.01 to 100", paper: .alonso2022, study: "stability"),
        TrainingClaim(
            name: "C6", title: "Fewer iterations than BP at mini-batch 1", paper: .alonso2022, study: "convergence"),
        TrainingClaim(
            name: "C7", title: "IL with Adam matches BP with Adam", paper: .alonso2022, study: "convergence"),
        TrainingClaim(name: "C8", title: "The same for autoencoders", paper: .alonso2022, study: "autoencoder"),
        TrainingClaim(
            name: "C11", title: "Normalizing BP does not give the stability", paper: .alonso2022, study: "stability"),
        TrainingClaim(
            name: "C25", title: "Exact implicit SGD trains at mini-batch 1 and α ≥ 1", paper: .ours, study: "stability"),
    ]

    /// The claim called `name`, such as `C5` or `c5`; nil if there is none.
    public static func named(_ name: String) -> TrainingClaim? { all.first { $0.name == name.uppercased() } }
}
