import Generation
import Images

/// The ControlNet extension of A1111 (sd-webui-controlnet; Forge has it built in): what a server
/// has of it, and its part of a request, `alwayson_scripts.controlnet.args`.
///
/// Field names are those of the extension's `ControlNetUnit`; fields that are not sent keep its
/// defaults (resize mode, thresholds, control mode).
struct A1111ControlNet: Hashable, Sendable {
    /// The script's name as the server lists it.
    private(set) var script = "controlnet"
    /// The server's names of models and preprocessors, by what was asked for.
    private var names: [String: String] = [:]

    /// Reads `/sdapi/v1/scripts`: names of scripts by route.
    ///
    /// - Throws: ``RemoteError`` when the extension is not there.
    mutating func readScripts(_ response: HTTPResponse, route: String) throws {
        guard response.isSuccess || response.status == 404 else {
            throw RemoteError(status: response, service: "A1111")
        }
        let listed = (response.json?[route]?.elements ?? []).compactMap(\.text)
        guard let found = NameMatch.find(["controlnet"], among: listed) else {
            throw RemoteError(
                .refused, "The server has no ControlNet for \(route)",
                hint: "install the extension sd-webui-controlnet, or leave --control out")
        }
        script = found
    }

    /// Reads `/controlnet/model_list`; a server without that list gets the names as they are.
    ///
    /// - Throws: ``RemoteError`` when a model is not there.
    mutating func readModels(_ response: HTTPResponse, of controls: [ControlReference]) throws {
        guard let listed = try Self.list(response, "model_list") else { return }
        for control in controls {
            guard let found = NameMatch.findFile(control.model, among: listed) else {
                throw Self.missing("ControlNet model", control.model, listed)
            }
            names[control.model] = found
        }
    }

    /// Reads `/controlnet/module_list`; a server without that list gets the names as they are.
    ///
    /// - Throws: ``RemoteError`` when a preprocessor is not there.
    mutating func readModules(_ response: HTTPResponse, of controls: [ControlReference]) throws {
        guard let listed = try Self.list(response, "module_list") else { return }
        for wanted in controls.compactMap(\.preprocessor) {
            guard let found = NameMatch.find([wanted], among: listed) else {
                throw Self.missing("preprocessor", wanted, listed)
            }
            names[wanted] = found
        }
    }

    /// One unit per control picture.
    func arguments(of job: RemoteJob) -> JSONValue {
        let units = job.request.controls.map { control -> JSONValue in
            var unit = JSONBody()
            unit.set("enabled", true)
            unit.set("module", control.preprocessor.map { names[$0] ?? $0 } ?? "none")
            unit.set("model", names[control.model] ?? control.model)
            unit.set("image", job.files[control.image]?.base64)
            unit.set("weight", control.scale)
            unit.set("guidance_start", control.start)
            unit.set("guidance_end", control.end)
            // The preprocessor works at the picture's size and not at one of its own.
            unit.set("pixel_perfect", true)
            return unit.value
        }
        return .object(["args": .array(units)])
    }

    private static func list(_ response: HTTPResponse, _ key: String) throws -> [String]? {
        if response.status == 404 { return nil }
        guard response.isSuccess, let elements = response.json?[key]?.elements else {
            throw RemoteError(status: response, service: "A1111's ControlNet")
        }
        return elements.compactMap(\.text)
    }

    private static func missing(_ what: String, _ name: String, _ listed: [String]) -> RemoteError {
        RemoteError(
            .notFound, "The server has no \(what) \(printable(name, limit: 80))",
            hint: "it has: \(NameMatch.excerpt(listed))")
    }
}
