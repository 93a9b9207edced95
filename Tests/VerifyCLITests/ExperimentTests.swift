import Testing

/// Published experiments from the command line, on the built-in digits.
@Suite struct ExperimentTests {
    private static let names = [
        "stability-mnist", "stability-cifar10", "mnist", "fashion-mnist", "cifar10", "cifar10-batch-64", "autoencoder",
    ]

    @Test("starts with its own rules, and resumes", arguments: names)
    func resumes(name: String) throws {
        let command = name == "autoencoder" ? "autoencoder" : "stability"
        let study = [
            command, "--experiment", name, "--data", "digits", "--sizes", command == "autoencoder" ? "64-6-64" : "64-6-10",
            "--iterations", "60", "--seeds", "1", "--test-examples", "20", "--quiet",
        ]
        let (whole, halves) = (try Workspace(), try Workspace())
        let reference = try Executable.run(study, in: whole)
        #expect(reference.status == 0, "\(reference.errors)")
        #expect(reference.output.contains("il-prox-published"))
        #expect(try Executable.run(study + ["--shard", "1/2"], in: halves).status == 0)
        let resumed = try Executable.run(study, in: halves)
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(resumed.output == reference.output)
    }

    @Test func `help lists them, with networks`() throws {
        let help = try Executable.run(["stability", "--help"])
        let words = help.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for name in Self.names { #expect(words.contains("\(name): "), "\(name)") }
        #expect(words.contains("stability-cifar10: 3072-1024-1024-1024-10"))
        #expect(words.contains("cifar10-cnn: --network paper-cnn, mini-batch 64"))
        #expect(words.contains("autoencoder: 3072-1024-256-100-256-1024-3072"))
    }

    @Test("an experiment of another task is told where it belongs", arguments: [
        ("stability", "autoencoder", "verify-cli autoencoder --experiment autoencoder"),
        ("autoencoder", "mnist", "verify-cli convergence --experiment mnist"),
    ])
    func otherTask(command: String, name: String, advice: String) throws {
        let run = try Executable.run([command, "--experiment", name])
        #expect(run.status == 64)
        #expect(run.errors.contains(advice), "\(run.errors)")
    }
}
