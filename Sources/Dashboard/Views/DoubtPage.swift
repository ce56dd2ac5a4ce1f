// What nobody knows the outcome of: what that means, the commands, and buttons where they are allowed.

import Console
import Cron
import Ledger
import OneShotPay
import Pages
import Report

enum DoubtPage {
    /// - Parameter said: how the last decision went.
    static func html(_ context: PageContext, said: Bool?) -> HTML {
        let words = context.words
        return PageFrame.html(
            .doubt, title: words.pages[.doubt] ?? "", context,
            """
            \(said.map { "<p class=\"said\" role=\"status\">\($0 ? words.done : words.refused)</p>" as HTML } ?? "")
            <div id="doubts" data-live>\(list(context))</div>
            """)
    }

    private static func list(_ context: PageContext) -> HTML {
        let words = context.words
        guard let doubts = context.standing.doubts else { return "<p class=\"soft\">\(words.addingUp)</p>" }
        guard doubts.count > 0 else { return "<p>\(words.noDoubt)</p>" }
        return """
            \(HTML.when(!context.sources.allowsActions, "<p class=\"soft\">\(words.readOnly)</p>"))
            \(doubts.links.map { link($0, context) })\(doubts.effects.map { effect($0, context) })
            \(HTML.when(doubts.isCut, "<p class=\"soft\">\(words.more)</p>"))
            """
    }

    private static func link(_ record: LinkRecord, _ context: PageContext) -> HTML {
        let name = record.key ?? "#\(record.row)", word = ShellWord.quoted(name)
        let commands =
            record.isInDoubt && record.key != nil
            ? [
                "paylink ledger doubt resolve --link ID \(word)", "paylink ledger doubt resolve --retry \(word)",
                "paylink ledger doubt resolve --abandon \(word)",
            ] : record.state == .prepared ? [] : ["paylink ledger doubt dismiss \(word)"]
        let sentence =
            record.isInDoubt
            ? context.words.doubtLink
            : record.state == .prepared ? context.words.doubtWaiting : context.words.doubtOrphan
        return article(
            name: "<a href=\"\(context.address(.link(record.row)))\">\(context.short(name))</a>",
            facts:
                "\(LinkText.badge(record, context)) \(context.money(record.amount)) · \(context.short(record.description)) · \(context.time(record.updatedAt))",
            problem: record.problem, sentence: sentence, commands: commands, actions: DoubtAction.of(record),
            subject: String(record.row), context)
    }

    private static func effect(_ record: EffectRecord, _ context: PageContext) -> HTML {
        let word = ShellWord.quoted(record.key)
        return article(
            name: context.short(record.key), facts: "\(record.mode.rawValue) · \(context.time(record.updatedAt))",
            problem: record.problem, sentence: context.words.doubtEffect,
            commands: ["--happened", "--retry", "--abandon"].map {
                "paylink ledger doubt resolve --effect \($0) \(word)"
            },
            actions: DoubtAction.ofEffects, subject: record.key, context)
    }

    private static func article(
        name: HTML, facts: HTML, problem: String?, sentence: String, commands: [String], actions: [DoubtAction],
        subject: String, _ context: PageContext
    ) -> HTML {
        let words = context.words
        let buttons: HTML = HTML.when(
            context.sources.allowsActions && !actions.isEmpty,
            "<div class=\"buttons\">\(actions.map { form($0, subject, context, label: words.actions[$0] ?? "") })</div>"
        )
        return """
            <article class="doubt"><h2>\(name)</h2><p class="facts">\(facts)</p>\
            \(problem.map { "<p class=\"soft\">\(context.whole($0))</p>" as HTML } ?? "")<p>\(sentence)</p>\
            \(HTML.when(!commands.isEmpty, "<details><summary>\(words.commands)</summary>\(commands.map { "<pre class=\"code\" tabindex=\"0\">\($0)</pre>" as HTML })</details>"))\
            \(buttons)</article>

            """
    }

    private static func form(
        _ action: DoubtAction, _ subject: String, _ context: PageContext, label: String, isConfirmed: Bool = false
    ) -> HTML {
        """
        <form method="post" action="\(context.root)act"><input type="hidden" name="action" value="\(action.rawValue)">\
        <input type="hidden" name="subject" value="\(subject)">\
        \(HTML.when(isConfirmed, "<input type=\"hidden\" name=\"confirmed\" value=\"yes\">"))<button>\(label)</button></form>
        """
    }

    /// Asks once more before anything is done.
    static func confirmation(_ decision: DoubtDecision, name: String, _ context: PageContext) -> HTML {
        let words = context.words
        return PageFrame.html(
            .doubt, title: words.confirm, context,
            """
            <article class="doubt"><h2>\(context.short(name))</h2><p><b>\(words.actions[decision.action] ?? "")</b></p>
            <p>\(words.warnings[decision.action] ?? "")</p>
            <div class="buttons">\(form(decision.action, decision.subject, context, label: words.yes, isConfirmed: true))\
            <a class="button" href="\(context.address(.doubt))">\(words.back)</a></div></article>
            """)
    }
}
