import Foundation
import Testing

/// Data sets that users bring: read from their directory, and named where they are missing.
@Suite("data sets of users")
struct UserDataTests {
    /// Writes CIFAR-10 batches of `count` records each, every picture of one grey.
    private func writePhotographs(_ workspace: Workspace, count: Int, darkest: UInt8 = 7) throws {
        try workspace.writePhotographs(count: count) { index in
            let grey = 20 * UInt8(index % 10) + darkest
            return Photograph(label: UInt8(index % 10), red: grey, green: grey, blue: grey)
        }
    }

    /// A 2-2 network with one more tensor; all its data are zero.
    private func writeCase(_ workspace: Workspace, targets: String, extra: String) throws {
        let header = #"{"layers.0.weight":{"dtype":"F64","shape":[2,2],"data_offsets":[0,32]},"#
            + #""x":{"dtype":"F64","shape":[1,2],"data_offsets":[32,48]},"#
            + #""y":{\#(targets),"data_offsets":[48,64]},"extra.step":{\#(extra),"data_offsets":[64,72]}}"#
        let length = (0..<8).map { UInt8(header.utf8.count >> (8 * $0) & 0xFF) }
        try (Data(length) + Data(header.utf8) + Data(count: 72))
            .write(to: URL(fileURLWithPath: workspace.path("case.safetensors")))
    }

    @Test("extra tensors are ignored whatever their type; class labels are told to be one-hot")
    func integers() throws {
        let workspace = try Workspace()
        let arguments = ["prox", "case.safetensors", "--loss", "squared-error", "--alpha", "1", "--quiet"]
        try writeCase(
            workspace, targets: #""dtype":"F64","shape":[1,2]"#, extra: #""dtype":"I64","shape":[]"#)
        let ignored = try Executable.run(arguments, in: workspace)
        #expect(ignored.status == 0, "\(ignored.errors)")
        try writeCase(workspace, targets: #""dtype":"I64","shape":[2]"#, extra: #""dtype":"F64","shape":[1]"#)
        let labels = try Executable.run(arguments, in: workspace)
        #expect(labels.status == 65)
        #expect(labels.errors.contains("one_hot(y, classes)") && labels.errors.contains("numpy.eye(classes)[y]"))
    }

    @Test("a table of CIFAR-10 from its binary batches")
    func table() throws {
        let workspace = try Workspace()
        try writePhotographs(workspace, count: 4)
        let run = try Executable.run(
            [
                "table", "--data", "cifar-10", "--data-directory", ".", "--sizes", "3072-6-10",
                "--cases", "2", "--alpha", "0.1", "--rules", "bp", "--measures", "relative-distance",
                "--format", "json", "--quiet",
            ], in: workspace)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("cifar-10"))
        // The command line stands in the output too; this does not.
        #expect(run.output.contains("\"dataSet\": \"cifar-10\""))
    }

    @Test("what is measured depends on the pictures")
    func pictures() throws {
        let measured = try [UInt8(7), 7, 50].map { darkest in
            let workspace = try Workspace()
            try writePhotographs(workspace, count: 4, darkest: darkest)
            let run = try Executable.run(
                [
                    "table", "--data", "cifar-10", "--data-directory", ".", "--sizes", "3072-6-10",
                    "--cases", "2", "--alpha", "0.1", "--rules", "bp", "--measures", "relative-distance",
                    "--format", "csv", "--quiet",
                ], in: workspace)
            return run.output.split(whereSeparator: \.isNewline).filter { $0.contains(",bp,") }.map(String.init)
        }
        #expect(!measured[0].isEmpty)
        #expect(measured[0] == measured[1])
        #expect(measured[0] != measured[2])
    }

    @Test("a study trains on it, with its files' fingerprint in the name of its runs")
    func study() throws {
        let workspace = try Workspace()
        try writePhotographs(workspace, count: 4)
        let run = try Executable.run(
            [
                "stability", "--data", "cifar-10", "--data-directory", ".", "--sizes", "3072-4-10",
                "--iterations", "20", "--evaluate-every", "10", "--rules", "bp", "--alpha", "0.01",
                "--seeds", "1", "--store", "s.sqlite", "--quiet",
            ], in: workspace)
        #expect(run.status == 0, "\(run.errors)")
        let list = try Executable.run(
            ["results", "list", "--store", "s.sqlite", "--format", "csv"], in: workspace)
        #expect(list.output.contains("cifar-10 "), "\(list.output)")
    }

    @Test("a missing data set says what to bring", arguments: [
        ("mnist", "train-images-idx3-ubyte", "four IDX files"),
        ("cifar-10", "data_batch_1.bin", "binary version"),
    ])
    func missing(name: String, file: String, remedy: String) throws {
        let run = try Executable.run(["table", "--data", name, "--cases", "1", "--alpha", "1", "--quiet"])
        #expect(run.status == 65)
        #expect(run.errors.contains(file) && run.errors.contains(remedy), "\(run.errors)")
        #expect(run.output.isEmpty)
    }
}
