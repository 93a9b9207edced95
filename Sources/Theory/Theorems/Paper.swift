/// The work that a theorem or a claim is from, as tables and reports name it.
public enum Paper: String, Sendable, Hashable, CaseIterable {
    case alonso2022 = "Alonso 2022"
    case alonso2023 = "Alonso 2023"
    case innocenti2023 = "Innocenti 2023"
    case ishikawa2024 = "Ishikawa 2024"
    case kaleb2024 = "Kaleb 2024"
    case lee2025 = "Lee 2025"
    case mali2024 = "Mali 2024"
    case nabarro2023 = "Nabarro 2023"
    case piccioli2023 = "Piccioli 2023"
    case pinchetti2024 = "Pinchetti 2024"
    case salvatori2022 = "Salvatori 2022"
    case tang2022 = "Tang 2022"
    case zahid2023 = "Zahid 2023"
    /// Goes beyond the works that it is about.
    case ours = "this project"

    /// Title and where to find it; empty for this project's own statements.
    public var reference: String {
        switch self {
        case .alonso2022: "A Theoretical Framework for Inference Learning, NeurIPS 2022, arXiv 2206.00164"
        case .alonso2023: "Understanding and Improving Optimization in Predictive Coding Networks, arXiv 2305.13562"
        case .innocenti2023: "Understanding Predictive Coding as an Adaptive Trust-Region Method, arXiv 2305.18188"
        case .ishikawa2024:
            "Local Loss Optimization in the Infinite Width: Stable Parameterization of Predictive Coding Networks and "
                + "Target Propagation, arXiv 2411.02001"
        case .kaleb2024: "Feedback Control Guides Credit Assignment in Recurrent Neural Networks, NeurIPS 2024"
        case .lee2025: "Global error signals; neither text nor code was found"
        case .mali2024:
            "Tight Stability, Convergence, and Robustness Bounds for Predictive Coding Networks, arXiv 2410.04708"
        case .nabarro2023: "Learning in Deep Factor Graphs with Gaussian Belief Propagation, arXiv 2311.14649"
        case .piccioli2023: "Gibbs Sampling the Posterior of Neural Networks, arXiv 2306.02729"
        case .pinchetti2024: "Benchmarking Predictive Coding Networks – Made Simple, arXiv 2407.01163"
        case .salvatori2022:
            "A Stable, Fast, and Fully Automatic Learning Algorithm for Predictive Coding Networks, arXiv 2212.00720"
        case .tang2022: "Recurrent Predictive Coding Models for Associative Memory Employing Covariance Learning, 2023"
        case .zahid2023:
            "Predictive Coding as a Neuromorphic Alternative to Backpropagation: A Critical Evaluation, arXiv 2304.02658"
        case .ours: ""
        }
    }

    /// The folder of its checks: `Alonso2022`.
    var folder: String { self == .ours ? "Ours" : rawValue.filter { $0 != " " } }
}
