import ArgumentParser
import Certificates
import ImplicitSGD

/// The names of solvers on the command line.
enum SolverArgument: String, NamedArgument, CaseIterable {
    case automatic
    case activitySpace = "activity-space"
    case weightSpaceDense = "weight-space-dense"
    case weightSpaceMatrixFree = "weight-space-matrix-free"

    var choice: SolverChoice {
        switch self {
        case .automatic: .automatic
        case .activitySpace: .forced(.activitySpace)
        case .weightSpaceDense: .forced(.weightSpaceDense)
        case .weightSpaceMatrixFree: .forced(.weightSpaceMatrixFree)
        }
    }
}

/// How the exact update is solved for.
struct SolverCommandOptions: ParsableArguments {
    @Option(name: .long, help: "Bound on the implicit residual of an exact update.")
    var tolerance: Double = 1e-10

    @Option(name: .long, help: "How the exact update is found.")
    var solver: SolverArgument = .automatic

    @Option(name: .long, help: ArgumentHelp("Newton steps before a solve gives up.", valueName: "count"))
    var iterationLimit: Int = 500

    func validate() throws {
        guard tolerance > 0, tolerance < 1 else {
            throw ValidationError("--tolerance must be between 0 and 1.")
        }
        try Bounds.check("--iteration-limit", iterationLimit, in: 1...)
    }

    var solverOptions: SolverOptions {
        SolverOptions(tolerance: tolerance, iterationLimit: iterationLimit)
    }

    var proximalSolver: ProximalSolver {
        ProximalSolver(options: solverOptions, choice: solver.choice)
    }
}

/// Whether exact updates are enclosed, not only certified.
struct ProofOptions: ParsableArguments {
    @Flag(
        name: .long,
        help: "Prove that an exact update is near, and print only digits that are proved.")
    var proved = false

    var examination: Certifier.Examination { proved ? .enclosure : .minimum }
}
