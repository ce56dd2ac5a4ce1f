// The look of the sandbox's pages: one style sheet, inline, system fonts, light and dark.
// Wide screens show the offer beside the till; narrow ones stack them, down to 320 px.

enum CheckoutStyle {
    static let css = palette + layout + till + list

    private static let palette = """
        :root{color-scheme:light dark;--page:#eef0f4;--sheet:#fff;--tint:#f6f7fa;--ink:#12151c;--soft:#545b6b;\
        --line:#dfe3ea;--accent:#3a36c8;--accent-deep:#2c289f;--on-accent:#fff;--good:#0b6b46;--good-tint:#e6f4ed;\
        --bad:#8f2c1c;--bad-tint:#fbece8;--amber:#b25e00;--shadow:0 1px 2px #10182814,0 18px 44px -18px #1018283d}
        @media (prefers-color-scheme:dark){:root{--page:#0d0f14;--sheet:#171a21;--tint:#1d212a;--ink:#f1f3f7;\
        --soft:#a9b0bf;--line:#2c313c;--accent:#aeb4ff;--accent-deep:#c9cdff;--on-accent:#14143a;--good:#7fdcae;\
        --good-tint:#15291f;--bad:#ffb3a3;--bad-tint:#2e1c18;--amber:#ffb454;--shadow:0 18px 44px -18px #000c}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0;min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;align-items:center;\
        background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,\
        "Helvetica Neue",Arial,sans-serif;padding:0 16px 24px}
        p,h1,h2,dl,dd,ul{margin:0;padding:0}
        a{color:var(--accent)}
        :focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:4px}

        """

    private static let layout = """
        .banner{display:flex;align-items:center;gap:8px;margin:14px 0;font-size:13px;color:var(--soft)}
        .banner span{width:8px;height:8px;border-radius:50%;background:var(--amber);flex:none}
        .sheet{width:100%;max-width:920px;margin:auto 0;background:var(--sheet);border:1px solid var(--line);\
        border-radius:20px;box-shadow:var(--shadow);overflow:hidden;display:grid;grid-template-columns:1fr}
        .offer{background:var(--tint);padding:24px;display:grid;gap:20px;align-content:start;min-width:0}
        .till{padding:28px 24px 32px;min-width:0;display:flex;flex-direction:column;justify-content:center}
        .merchant{display:flex;align-items:center;gap:12px;min-width:0}
        .merchant div{min-width:0}
        .avatar{width:44px;height:44px;border-radius:12px;background:var(--accent);color:var(--on-accent);\
        display:grid;place-items:center;font-weight:650;font-size:20px;flex:none}
        .merchant-name{font-weight:650;line-height:1.3;overflow-wrap:anywhere}
        .handle{font-size:14px;color:var(--soft);overflow-wrap:anywhere}
        .picture{position:relative;aspect-ratio:16/10;border-radius:14px;overflow:hidden;border:1px solid var(--line);\
        background:linear-gradient(150deg,var(--sheet),var(--page));display:grid;place-items:center}
        .picture img{position:absolute;inset:0;width:100%;height:100%;object-fit:cover}
        .stand-in{width:34%;max-width:120px;fill:var(--sheet);stroke:var(--soft);stroke-width:2.5;opacity:.6;\
        stroke-linejoin:round;stroke-linecap:round}
        .what{font-size:19px;line-height:1.4;font-weight:600;overflow-wrap:anywhere;white-space:pre-line;\
        max-height:14em;overflow-y:auto}
        footer{width:100%;max-width:920px;display:flex;flex-wrap:wrap;gap:8px 24px;justify-content:space-between;\
        align-items:center;margin-top:18px;font-size:14px;color:var(--soft)}
        footer ul{display:flex;gap:4px;list-style:none;margin-left:-8px}
        footer a,footer li span{display:inline-block;padding:8px}
        footer a{color:var(--soft);text-underline-offset:3px}
        footer li span{color:var(--ink);font-weight:600}
        .reference{font-size:12px;font-family:ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
        @media (min-width:800px){.sheet{grid-template-columns:minmax(0,10fr) minmax(0,11fr)}\
        .offer{padding:36px;border-right:1px solid var(--line)}.till{padding:36px 44px}\
        .picture{aspect-ratio:4/3}.picture.bare{aspect-ratio:16/9}.stand-in{width:26%}.banner{margin:20px 0}}
        @media (max-width:799px){.offer{border-bottom:1px solid var(--line)}.picture{aspect-ratio:21/9}\
        .stand-in{width:22%;max-width:84px}}

        """

    private static let till = """
        .label{font-size:15px;color:var(--soft)}
        .amount{font-size:clamp(34px,9vw,52px);font-weight:680;letter-spacing:-.022em;line-height:1.15;\
        font-variant-numeric:tabular-nums;overflow-wrap:anywhere;margin-bottom:18px}
        .amount.long{font-size:clamp(22px,6.4vw,36px)}
        .amount.faded{color:var(--soft)}
        .time{display:flex;align-items:center;flex-wrap:wrap;gap:0 6px;color:var(--soft);margin-bottom:22px}
        .time svg{width:18px;height:18px;fill:none;stroke:currentColor;stroke-width:1.6;stroke-linecap:round}
        .time b{color:var(--ink);font-weight:600;font-variant-numeric:tabular-nums}
        button{width:100%;min-height:56px;padding:12px 20px;border:0;border-radius:14px;background:var(--accent);\
        color:var(--on-accent);font:inherit;font-size:18px;font-weight:650;cursor:pointer;\
        font-variant-numeric:tabular-nums;transition:background .15s}
        button:hover{background:var(--accent-deep)}
        button:focus-visible{border-radius:14px}
        button[aria-busy=true]{opacity:.75;cursor:progress}
        .fine{font-size:14px;color:var(--soft);margin-top:16px;overflow-wrap:anywhere}
        .done,.over{display:flex;gap:14px;align-items:flex-start;padding:16px;border-radius:14px}
        .done{background:var(--good-tint)}
        .over{background:var(--bad-tint)}
        .standing h2{font-size:18px;line-height:1.35}
        .done h2{color:var(--good)}
        .over h2{color:var(--bad)}
        .standing div{min-width:0;overflow-wrap:anywhere}
        .mark{width:36px;height:36px;flex:none;fill:none;stroke-width:3.5;stroke-linecap:round;stroke-linejoin:round}
        .done .mark{stroke:var(--good)}
        .over .mark{stroke:var(--bad)}
        .receipt{margin-top:20px;font-size:14px}
        .receipt div{padding:10px 0;border-top:1px solid var(--line)}
        .receipt dt{color:var(--soft)}
        .receipt dd{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px;overflow-wrap:anywhere}
        .again{display:inline-block;padding:10px 0;font-weight:600;text-underline-offset:3px}
        @media (prefers-reduced-motion:no-preference){.done .mark path{stroke-dasharray:32;\
        animation:draw .45s .1s ease-out both}@keyframes draw{from{stroke-dashoffset:32}to{stroke-dashoffset:0}}}

        """

    private static let list = """
        .plain{width:100%;max-width:920px;margin:12px auto}
        .plain h1{font-size:26px;line-height:1.25;letter-spacing:-.01em}
        .plain .intro{color:var(--soft);margin:6px 0 20px}
        .plain code{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px;overflow-wrap:anywhere}
        .rows{list-style:none;background:var(--sheet);border:1px solid var(--line);border-radius:16px;overflow:hidden}
        .rows li+li{border-top:1px solid var(--line)}
        .rows a{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:2px 16px;padding:14px 18px;\
        text-decoration:none;color:inherit}
        .rows a:hover{background:var(--tint)}
        .rows a:focus-visible{outline-offset:-3px}
        .rows b{font-weight:600;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
        .rows .sum{font-weight:600;font-variant-numeric:tabular-nums;text-align:right}
        .rows .id{font-size:13px;color:var(--soft);overflow:hidden;text-overflow:ellipsis;white-space:nowrap;\
        font-family:ui-monospace,Menlo,Consolas,monospace}
        .rows .state{font-size:14px;color:var(--soft);text-align:right}
        .rows .paid{color:var(--good)}
        .rows .expired,.rows .archived{color:var(--bad)}
        .empty{padding:40px 20px;text-align:center;color:var(--soft)}
        """
}
