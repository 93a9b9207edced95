/// How far a statement is proved in `Proofs`, as its table of results says.
public enum ProofStatus: String, Sendable, Hashable {
    case machineChecked = "machine-checked"
    case partlyMachineChecked = "partly machine-checked"
    case onPaper = "proved on paper"
}

extension TheoremIdentifier {
    public var proof: ProofStatus {
        switch self {
        case .levenbergMarquardt, .saddles, .width, .nudging, .energySmoothness, .integratedWeights:
            .onPaper
        case .earlyInference, .reverseSweep: .partlyMachineChecked
        default: .machineChecked
        }
    }
}

extension ClaimIdentifier {
    /// How far it is proved that the claim fails on some network; nil where that is measured only.
    public var refutation: ProofStatus? { paper == .alonso2022 && self != .publishedNormalization ? .machineChecked : nil }
}
