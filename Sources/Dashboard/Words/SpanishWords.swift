// The dashboard in Spanish.

import Pages
import Report

extension DashboardWords {
    static let spanish = DashboardWords(
        report: .of(.spanish),
        pages: [.today: "Hoy", .links: "Enlaces", .doubt: "En duda", .jobs: "Tareas", .times: "30 días"],
        skip: "Ir al contenido", menu: "Páginas", live: "en directo", notLive: "sin conexión: recargue la página",
        payments: "Últimos pagos", noPayments: "Aún no se ha visto ningún pago.", addingUp: "Sumando …",
        asOf: "Datos de las", thirtyDays: "Los últimos 30 días", today: "Hoy",
        news: { "Recibido \($0) por \($1)." },
        search: "Buscar", searchHint: "Clave, importe, pagador, enlace o palabras de la descripción", state: "Estado",
        any: "todos", find: "Buscar", key: "Clave", made: "Creado", description: "Descripción", older: "Anteriores",
        newest: "Últimos", nothing: "No se encontró nada.", noLinks: "Aún no se ha creado ningún enlace.",
        link: "Enlace",
        payer: "Pagado por",
        lookedThrough: { "Por palabras e importes se miraron los \($0) enlaces más nuevos; «Anteriores» sigue." },
        states: [
            "active": "abierto", "paid": "pagado", "underpaid": "incompleto", "expired": "caducado",
            "in_doubt": "en duda", "rejected": "rechazado", "abandoned": "abandonado", "prepared": "sin enviar",
            "under_way": "en curso", "unknown": "desconocido", "archived": "archivado", "done": "hecho",
            "running": "en curso", "failed": "falló", "open": "por repetir",
            "late": "pagado tarde",
        ],
        terms: "Condiciones tal como se escribieron", requests: "Solicitudes", attempts: "Solicitudes para crearlo",
        possibleOrphans: "Pueden haber creado cada una un enlace que nadie conoce", problem: "Qué falló por última vez",
        status: "Estado", address: "Página de pago", expires: "Caduca", reusable: "Se puede pagar más de una vez",
        payment: "Pago", effects: "Qué siguió", lacking: "faltan", beyond: "más de lo pedido",
        late: "después de terminar el enlace", seenAt: "visto", transaction: "Transacción", settled: "Resuelto a mano",
        dismissedBy: "descartado por", recorded: "Registrado", changed: "Último cambio",
        unseen: "Pagos contados que nunca se vieron", isUnknown: "desconocido",
        noDoubt: "Nada está en duda.",
        doubtLink:
            "La solicitud se envió y ninguna respuesta dice qué fue de ella: puede haber un enlace que un cliente pueda pagar. Mire en las páginas del servicio antes de enviar nada otra vez.",
        doubtOrphan: "Este enlace está resuelto, pero una solicitud anterior pudo crear otro que nadie conoce.",
        doubtWaiting:
            "Está abierto otra vez: la próxima ejecución o vigilancia lo envía. Las solicitudes anteriores pueden haber creado un enlace cada una.",
        doubtEffect:
            "Lo que debía seguir empezó y su final no se registró: puede haber ocurrido. Mire antes de repetirlo.",
        commands: "En un terminal", readOnly: "Aquí no se decide nada: inicie el panel con --allow-actions.",
        more: "Solo se muestran los más nuevos.",
        actions: [
            .retry: "No se creó: enviar otra vez", .abandon: "Abandonarlo", .dismiss: "No hay ninguno: descartar",
            .happened: "Ha ocurrido", .retryEffect: "Repetirlo", .abandonEffect: "Abandonarlo",
        ],
        warnings: [
            .retry: "Si la primera solicitud creó un enlace, el cliente puede pagar dos veces.",
            .abandon: "No se envía otra vez. Si la primera solicitud creó un enlace, un cliente aún puede pagarlo.",
            .dismiss: "Queda registrado que usted dice que no se creó otro enlace.",
            .happened: "No se repite.", .retryEffect: "Si ya ocurrió, ocurrirá dos veces.",
            .abandonEffect: "No se repite, haya ocurrido o no.",
        ],
        confirm: "¿Está seguro?", yes: "Sí, hacerlo", back: "Volver",
        done: "Hecho y registrado.",
        refused: "Nada cambió: ya está resuelto, o en curso en otro proceso.",
        jobs: "Tareas", batches: "Lotes", noJobs: "No hay ejecuciones registradas.",
        noBatches: "No hay lotes registrados.",
        command: "Orden", schedule: "Horario", next: "Siguiente", lastRuns: "Últimos turnos, el más nuevo a la derecha",
        logEnd: "El final de su registro", noLog: "No se guardó nada de lo que escribió.", started: "Inicio",
        took: "Duró",
        ended: "Fin", missed: "perdidos antes", slot: "Turno",
        outcomes: [
            .ran: "ejecutado", .failed: "falló", .missed: "perdido", .skipped: "omitido", .interrupted: "cortado",
            .running: "en curso",
        ],
        notFound: "Aquí no hay nada.")
}
