export default {
  zh: {
    copied: '已复制', copy_failed: '没有复制成功，请手动选取',
    minutes_left: '还有 {minutes} 分钟', hours_left: '还有 {hours} 小时 {minutes} 分钟', under_a_minute: '不到 1 分钟', passed: '时间已到',
    picked: '已选 {count} 件',
    uploading: '{size}，已传 {percent} %', waiting: '{size}，等待上传', stored: '{size}，摘要 {digest}', stored_tag: '已存', cancel: '取消', remove: '移除',
    progress_of: '{name} 上传进度', cancelled: '已取消', wrong_kind: '不收这种格式，请换 {kinds}。', too_large: '文件 {size}，超过上限 {limit}。', empty: '文件是空的，请检查。',
    upload_failed: '没有传上：{reason}', again: '再传', uploaded_toast: '{name} 已上传',
    elder_on: '已换成大字', elder_off: '已换回标准字号',
    signed_out: '登录已过期，请重新登录', sign_in: '去登录', reload: '重新打开本页'
  },
  en: {
    copied: 'Copied', copy_failed: 'Could not copy; please select it by hand',
    minutes_left: '{minutes} min left', hours_left: '{hours} h {minutes} min left', under_a_minute: 'less than 1 min left', passed: 'The time has come',
    picked: '{count} selected',
    uploading: '{size}, {percent} % sent', waiting: '{size}, waiting', stored: '{size}, digest {digest}', stored_tag: 'Stored', cancel: 'Cancel', remove: 'Remove',
    progress_of: 'Upload of {name}', cancelled: 'Cancelled', wrong_kind: 'This kind of file is not taken; use {kinds}.', too_large: 'The file has {size}, more than the limit of {limit}.', empty: 'The file is empty; please check it.',
    upload_failed: 'Not uploaded: {reason}', again: 'Try again', uploaded_toast: '{name} is uploaded',
    elder_on: 'Larger text is on', elder_off: 'Standard text is back',
    signed_out: 'Your session has ended; please sign in again', sign_in: 'Sign in', reload: 'Reload this page'
  }
};
